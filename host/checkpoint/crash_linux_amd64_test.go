package checkpoint_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/gwrun/gwrun/host/checkpoint"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
)

const crashEnv = "GWRUN_CHECKPOINT_TEST_STORE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashEnv); dir != "" {
		keepStates(dir)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// record is what the journal says of the last state, as a provider's does.
type record struct {
	N   uint64         `cbor:"1,keyasint"`
	Ref checkpoint.Ref `cbor:"2,keyasint"`
}

const crashStates = 4

func crashRun() *run { return newRun(256 << 10) }

// keepStates is the process that is killed: it keeps states and says so once each is durable.
func keepStates(dir string) {
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	s, err := store.Open(dir, store.Options{})
	fail(err)
	keep := &checkpoint.Keeper{Pages: s, Owner: "a job"}
	x := crashRun()
	for n := range uint64(crashStates) {
		ref, err := keep.Keep(x.step(3))
		fail(err)
		r := record{n, ref}
		fail(s.Journal("states").Put(msg.Hash{1}, r))
		fail(json.NewEncoder(os.Stdout).Encode(r))
	}
	fail(s.Close())
}

// TestKilledAtEveryDiskOperation kills a process that keeps states just before each of the operations by which it changes
// the disk. Whatever it had said to be kept is there, and the journal names nothing that is not.
func TestKilledAtEveryDiskOperation(t *testing.T) {
	var roots []msg.Hash
	x := crashRun()
	for range crashStates {
		roots = append(roots, x.step(3).Root())
	}
	operations := 0
	for n := 1; ; n++ {
		dir := t.TempDir()
		said, finished := tracedUntil(t, dir, n)
		s := open(t, dir)
		for _, r := range said {
			if got, err := checkpoint.Load(s, r.Ref); err != nil || got.Root() != roots[r.N] {
				t.Fatalf("killed before operation %d: state %d, said to be kept: %v", n, r.N, err)
			}
		}
		var last record
		switch err := s.Journal("states").Get(msg.Hash{1}, &last); {
		case errors.Is(err, store.ErrNotFound):
			if len(said) > 0 {
				t.Fatalf("killed before operation %d: the journal lost its record", n)
			}
		case err != nil:
			t.Fatalf("killed before operation %d: %v", n, err)
		default:
			if len(said) > 0 && last.N < said[len(said)-1].N {
				t.Fatalf("killed before operation %d: the journal is at state %d, said was %d", n, last.N, said[len(said)-1].N)
			}
			if got, err := checkpoint.Load(s, last.Ref); err != nil || got.Root() != roots[last.N] {
				t.Fatalf("killed before operation %d: state %d, in the journal: %v", n, last.N, err)
			}
		}
		// And it can go on.
		keep := &checkpoint.Keeper{Pages: s, Owner: "a job"}
		y := crashRun()
		for i := range crashStates {
			ref, err := keep.Keep(y.step(3))
			if err != nil {
				t.Fatalf("killed before operation %d: keeping state %d again: %v", n, i, err)
			}
			if got, err := checkpoint.Load(s, ref); err != nil || got.Root() != roots[i] {
				t.Fatalf("killed before operation %d: state %d, kept again: %v", n, i, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if finished {
			if len(said) != crashStates {
				t.Fatalf("the process that nobody killed kept %d states, want %d", len(said), crashStates)
			}
			operations = n - 1
			break
		}
	}
	if operations < 6*crashStates {
		t.Errorf("%d disk operations for %d states: some were not seen", operations, crashStates)
	}
	t.Logf("%d disk operations, killed before each", operations)
}

// tracedUntil runs keepStates and kills it before its nth operation on the disk. finished says that there were fewer.
func tracedUntil(t *testing.T, dir string, n int) (said []record, finished bool) {
	t.Helper()
	runtime.LockOSThread() // one thread traces
	defer runtime.UnlockOSThread()
	out, err := os.Create(filepath.Join(t.TempDir(), "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	p, err := os.StartProcess(os.Args[0], os.Args[:1], &os.ProcAttr{Env: append(os.Environ(), crashEnv+"="+dir),
		Files: []*os.File{nil, out, os.Stderr}, Sys: &syscall.SysProcAttr{Ptrace: true}})
	if errors.Is(err, syscall.EPERM) {
		t.Skipf("skipped: no process may be traced here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(p.Pid, &status, 0, nil); err != nil {
		t.Fatal(err)
	}
	const exitKill, markSyscalls = 0x100000, syscall.PTRACE_O_TRACESYSGOOD
	if err := syscall.PtraceSetOptions(p.Pid, exitKill|markSyscalls|syscall.PTRACE_O_TRACECLONE); err != nil {
		t.Fatal(err)
	}
	if err := syscall.PtraceSyscall(p.Pid, 0); err != nil {
		t.Fatal(err)
	}
	inside := map[int]bool{} // threads in a system call
	done, killed := 0, false
	for {
		tid, err := syscall.Wait4(-1, &status, syscall.WALL, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if status.Exited() || status.Signaled() {
			if tid != p.Pid {
				continue
			}
			if !killed && status.ExitStatus() != 0 {
				t.Fatalf("the process ended with status %d", status.ExitStatus())
			}
			break
		}
		deliver := 0
		switch signal := status.StopSignal(); signal {
		case syscall.SIGTRAP | 0x80:
			inside[tid] = !inside[tid]
			if inside[tid] && !killed && changesDisk(tid) {
				if done++; done == n {
					killed = true
					if err := p.Kill(); err != nil {
						t.Fatal(err)
					}
				}
			}
		case syscall.SIGTRAP, syscall.SIGSTOP: // a thread begins
		default:
			deliver = int(signal)
		}
		if err := syscall.PtraceSyscall(tid, deliver); err != nil && err != syscall.ESRCH {
			t.Fatal(err)
		}
	}
	if _, err := out.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	for in := bufio.NewScanner(out); in.Scan(); {
		var r record
		if err := json.NewDecoder(strings.NewReader(in.Text())).Decode(&r); err != nil {
			t.Fatal(err)
		}
		said = append(said, r)
	}
	return said, !killed
}

// changesDisk says whether the system call a thread is about to make changes a file or makes a change last.
func changesDisk(tid int) bool {
	var r syscall.PtraceRegs
	if syscall.PtraceGetRegs(tid, &r) != nil {
		return false // it was killed
	}
	switch r.Orig_rax {
	case syscall.SYS_PWRITE64, syscall.SYS_FSYNC, syscall.SYS_FDATASYNC, syscall.SYS_FTRUNCATE, syscall.SYS_FALLOCATE,
		syscall.SYS_RENAME, syscall.SYS_RENAMEAT, 316 /* renameat2 */, syscall.SYS_UNLINK, syscall.SYS_UNLINKAT, syscall.SYS_MKDIRAT:
		return true
	case syscall.SYS_WRITE:
		return r.Rdi > 2
	case syscall.SYS_OPENAT:
		return r.Rdx&syscall.O_CREAT != 0
	}
	return false
}
