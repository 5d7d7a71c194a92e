// Goroutines that wait, for known reasons, until standard input ends:
//
//	holdLedger   holds a mutex, asleep, 6 ms of every 8 ms; a goroutine of its own
//	wantLedger   wants the same mutex; a goroutine of its own
//	awaitWork    takes work from a channel, which comes every 20 ms: no contention
//	passDoors    two goroutines, each of which has one mutex and wants the other's, for ever
//
// It serves net/http/pprof on a free port of the loopback, prints "ready PID" and "address HOST:PORT", and at its end each
// wait that it measured itself: "waited NAME END NS", where END is ns since 1970.
package main

import (
	"bufio"
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

var ledger, leftDoor, rightDoor sync.Mutex
var work = make(chan int)
var truthLock sync.Mutex
var truth []string

// What could be had at once was not waited for.
//
//go:noinline
func take(name string) {
	if ledger.TryLock() {
		return
	}
	from := time.Now()
	ledger.Lock()
	waited(name, from)
}

func waited(name string, from time.Time) {
	now := time.Now()
	truthLock.Lock()
	truth = append(truth, fmt.Sprintf("waited %s %d %d\n", name, now.UnixNano(), now.Sub(from).Nanoseconds()))
	truthLock.Unlock()
}

//go:noinline
func holdLedger() {
	take("holder")
	time.Sleep(6 * time.Millisecond)
	ledger.Unlock()
	time.Sleep(2 * time.Millisecond)
}

//go:noinline
func wantLedger() {
	take("ledger")
	ledger.Unlock()
	time.Sleep(time.Millisecond)
}

//go:noinline
func awaitWork() {
	from := time.Now()
	<-work
	waited("work", from)
}

//go:noinline
func passDoors(first, second *sync.Mutex, both *sync.WaitGroup) {
	first.Lock()
	both.Done()
	both.Wait()
	second.Lock()
}

func repeat(body func()) {
	for {
		body()
	}
}

func main() {
	runtime.SetMutexProfileFraction(1)
	runtime.SetBlockProfileRate(1)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(listener, nil)
	go repeat(holdLedger)
	go repeat(wantLedger)
	go repeat(awaitWork)
	go repeat(func() {
		time.Sleep(20 * time.Millisecond)
		work <- 1
	})
	var both sync.WaitGroup
	both.Add(2)
	go passDoors(&leftDoor, &rightDoor, &both)
	go passDoors(&rightDoor, &leftDoor, &both)
	fmt.Printf("address %s\nready %d\n", listener.Addr(), os.Getpid())
	io.Copy(io.Discard, os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	truthLock.Lock()
	for _, line := range truth {
		out.WriteString(line)
	}
	out.WriteString("over\n")
	out.Flush()
}
