// A program whose answers are known, for profilers of Go:
//
//	CPU        work > phaseAB > burnA 60 %, phaseAB > burnB 30 %, work > phaseC > burnC 10 %, in one goroutine
//	           (a round of the three takes 50 to 100 ms, many times the sampler's period of 10 ms)
//	mutex      holder holds a lock for 5 ms of every 10 ms, in holdLock; waiter waits for it, in waitLock
//	heap       leakSite keeps 1,000 slices of 10,000 bytes; growSite keeps 500 more whenever /grow is asked for
//	goroutine  blocked waits for ever in waitForEver
//
// It serves net/http/pprof on a free port of the loopback, prints "ready PID" and "address HOST:PORT", and ends when
// its standard input does.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime"
	"sync"
	"time"
)

var sink uint64
var kept, grown [][]byte
var lock sync.Mutex

// The loop is each function's own: a callee would take the time.
//
//go:noinline
func burnA() {
	x := sink | 1
	for i := 0; i < 30_000_000; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	sink = x
}

//go:noinline
func burnB() {
	x := sink | 1
	for i := 0; i < 15_000_000; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	sink = x
}

//go:noinline
func burnC() {
	x := sink | 1
	for i := 0; i < 5_000_000; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	sink = x
}

//go:noinline
func phaseAB() { burnA(); burnB() }

//go:noinline
func phaseC() { burnC() }

//go:noinline
func work() {
	for {
		phaseAB()
		phaseC()
	}
}

//go:noinline
func holdLock() {
	lock.Lock()
	time.Sleep(5 * time.Millisecond)
	lock.Unlock()
}

//go:noinline
func waitLock() {
	lock.Lock()
	lock.Unlock()
}

//go:noinline
func leakSite() []byte { return make([]byte, 10_000) }

//go:noinline
func growSite() []byte { return make([]byte, 10_000) }

func grow(http.ResponseWriter, *http.Request) {
	for i := 0; i < 500; i++ {
		grown = append(grown, growSite())
	}
}

//go:noinline
func waitForEver() { select {} }

func main() {
	runtime.SetMutexProfileFraction(1)
	runtime.SetBlockProfileRate(1)
	for i := 0; i < 1000; i++ {
		kept = append(kept, leakSite())
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/grow", grow)
	go http.Serve(listener, nil)
	go work()
	go waitForEver()
	go func() {
		for {
			holdLock()
			time.Sleep(5 * time.Millisecond)
		}
	}()
	go func() {
		for {
			waitLock()
			time.Sleep(time.Millisecond)
		}
	}()
	fmt.Printf("address %s\nready %d\n", listener.Addr(), os.Getpid())
	io.Copy(io.Discard, os.Stdin)
}
