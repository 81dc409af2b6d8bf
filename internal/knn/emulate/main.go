//go:build linux && amd64

// Command emulate runs a program and emulates the tile instructions of AMX that
// package knn uses, on processors without them: each raises an illegal
// instruction, which this command, as the program's tracer, carries out in
// its place. It is slow and for tests:
//
//	go test -c -o kernel.test ./internal/knn
//	CODEGRAPH_AMX=emulated go run ./internal/knn/emulate ./kernel.test -test.run Coarse
//
// What an instruction does is taken from Intel's Software Developer's Manual,
// volume 2, and each operand is checked as there. With -count the number of
// instructions carried out is printed at the end.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

func main() {
	count := flag.Bool("count", false, "print how many instructions were emulated")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: emulate [-count] PROGRAM [ARGUMENT...]")
		os.Exit(2)
	}
	runtime.LockOSThread() // only the thread that traces may
	t := &tracer{threads: make(map[int]*processor)}
	status, err := t.run(flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "emulate:", err)
		os.Exit(1)
	}
	if *count {
		fmt.Printf("emulated %d instructions\n", t.carried)
	}
	os.Exit(status)
}

// tracer follows a program with all its threads.
type tracer struct {
	memory  *os.File
	threads map[int]*processor // by thread
	carried int
}

func (t *tracer) run(args []string) (status int, err error) {
	path, err := exec.LookPath(args[0])
	if err != nil {
		return 0, err
	}
	pid, err := syscall.ForkExec(path, args, &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Ptrace: true},
	})
	if err != nil {
		return 0, err
	}
	var ws syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &ws, 0, nil); err != nil {
		return 0, err
	}
	if err := syscall.PtraceSetOptions(pid, syscall.PTRACE_O_TRACECLONE); err != nil {
		return 0, err
	}
	if t.memory, err = os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0); err != nil {
		return 0, err
	}
	defer t.memory.Close()
	t.threads[pid] = new(processor)
	if err := syscall.PtraceCont(pid, 0); err != nil {
		return 0, err
	}
	return t.follow(pid)
}

// follow goes on until the program ends.
func (t *tracer) follow(pid int) (status int, err error) {
	for {
		var ws syscall.WaitStatus
		thread, err := syscall.Wait4(-1, &ws, syscall.WALL, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil:
			return 0, err
		case ws.Exited() && thread == pid:
			return ws.ExitStatus(), nil
		case ws.Signaled() && thread == pid:
			return 0, fmt.Errorf("the program was ended by signal %v", ws.Signal())
		case !ws.Stopped():
			delete(t.threads, thread)
			continue
		}
		signal, err := t.stopped(thread, ws)
		if err != nil {
			return 0, errors.Join(err, syscall.Kill(pid, syscall.SIGKILL))
		}
		// A thread that was killed meanwhile reports so itself.
		if err := syscall.PtraceCont(thread, int(signal)); err != nil && !errors.Is(err, syscall.ESRCH) {
			return 0, err
		}
	}
}

// stopped looks at why a thread stopped and returns the signal that it gets.
func (t *tracer) stopped(thread int, ws syscall.WaitStatus) (syscall.Signal, error) {
	switch signal := ws.StopSignal(); signal {
	case syscall.SIGTRAP: // a thread was made
		return 0, nil
	case syscall.SIGSTOP: // and begins, if it is not known yet
		if t.threads[thread] == nil {
			t.threads[thread] = new(processor)
			return 0, nil
		}
		return signal, nil
	case syscall.SIGILL:
		return t.illegal(thread)
	default:
		return signal, nil
	}
}

// illegal carries out the tile instructions that a thread is at. An
// instruction that is none stays illegal.
func (t *tracer) illegal(thread int) (syscall.Signal, error) {
	p := t.threads[thread]
	var regs syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(thread, &regs); err != nil {
		return 0, err
	}
	for done := 0; ; done++ {
		var code [16]byte
		if _, err := t.memory.ReadAt(code[:], int64(regs.Rip)); err != nil {
			return 0, err
		}
		in, ok := decode(code[:])
		switch {
		case !ok && done == 0:
			return syscall.SIGILL, nil
		case !ok:
			return 0, syscall.PtraceSetRegs(thread, &regs)
		}
		if err := p.carryOut(in, &regs, t.memory); err != nil {
			return 0, fmt.Errorf("at %#x: %w", regs.Rip, err)
		}
		regs.Rip += uint64(in.length)
		t.carried++
	}
}
