# Truth: of its CPU time burn_a takes 60 %, burn_b 30 %, burn_c 10 %.
# Call chain: <main> > worker > { phase_ab > { burn_a, burn_b }, phase_c > burn_c }, with frames of Ruby's own loops between.
# Usage: ruby-split.rb [SECONDS (0: for ever)]. Prints "ready PID". Ends with code 7 when its time is over.
SECONDS = (ARGV[0] || 0).to_f
END_AT = SECONDS.zero? ? Float::INFINITY : Process.clock_gettime(Process::CLOCK_MONOTONIC) + SECONDS

def burn_a(rounds)
  x = rounds
  x = (x * 48271 + 11) % 2305843009213693951 while (rounds -= 1) >= 0
  x
end

def burn_b(rounds)
  x = rounds
  x = (x * 48271 + 11) % 2305843009213693951 while (rounds -= 1) >= 0
  x
end

def burn_c(rounds)
  x = rounds
  x = (x * 48271 + 11) % 2305843009213693951 while (rounds -= 1) >= 0
  x
end

def phase_ab
  burn_a(12000)
  burn_b(6000)
end

def phase_c
  burn_c(2000)
end

def worker
  while Process.clock_gettime(Process::CLOCK_MONOTONIC) < END_AT
    phase_ab
    phase_c
  end
end

puts "ready #{Process.pid}"
$stdout.flush
worker
exit 7
