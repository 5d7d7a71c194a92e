# Truth: of the CPU time of each splitting thread burn_a takes 60 %, burn_b 30 %, burn_c 10 %.
# A round of the three takes 25 ms, several times a sampler's period: so that a few hundred samples are no matter of chance.
# Call chain: <main> > worker > { phase_ab > { burn_a, burn_b }, phase_c > burn_c }; in other threads than the first a
# block of <main> stands in place of <main>. Splitting threads take turns with Ruby's lock: of N, each has 1/N of the time.
# The thread "sleeper" never works.
# Usage: ruby-split.rb [SECONDS of CPU time (0: for ever)] [THREADS]. Prints "ready PID". Ends with code 7 when its time is over.
SECONDS = (ARGV[0] || 0).to_f
THREADS = (ARGV[1] || 1).to_i
END_AT = SECONDS.zero? ? Float::INFINITY : SECONDS

def burn_a(rounds)
  x = rounds
  x = (x * 48271 + 11) % 2147483647 while (rounds -= 1) >= 0
  x
end

def burn_b(rounds)
  x = rounds
  x = (x * 48271 + 11) % 2147483647 while (rounds -= 1) >= 0
  x
end

def burn_c(rounds)
  x = rounds
  x = (x * 48271 + 11) % 2147483647 while (rounds -= 1) >= 0
  x
end

def phase_ab
  burn_a(900_000)
  burn_b(450_000)
end

def phase_c
  burn_c(150_000)
end

def worker
  while Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) < END_AT
    phase_ab
    phase_c
  end
end

def named(name)
  Thread.new do
    Thread.current.name = name
    yield
  end
end

named("sleeper") { sleep }
(1...THREADS).each do |index|
  named("split-#{index}") { worker }
end
puts "ready #{Process.pid}"
$stdout.flush
worker
exit 7
