package webgpu

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// childVar is set in the environment of a child; its value is the protocol's version.
const (
	childVar = "GWRUN_WEBGPU_CHILD"
	version  = "3"
)

// child is a running child process. Its calls are made one at a time.
type child struct {
	stdin   io.WriteCloser
	answers chan answer
	done    chan struct{} // closed when the process is gone
	kill    func()
	pid     int
	limit   time.Duration

	mu     sync.Mutex
	reason string // why it was killed or given up, the first one
	status error  // from Wait, once done
	stderr complaint
}

type answer struct {
	kind kind
	body []byte
}

func start(o *Options) (*child, error) {
	if os.Getenv(childVar) != "" {
		return nil, errors.New("webgpu: this process is a device process: main must call webgpu.RunChildIfAsked first")
	}
	path := o.Executable
	if path == "" {
		if !asked.Load() {
			return nil, errors.New("webgpu: main must call webgpu.RunChildIfAsked before a device is opened")
		}
		var err error
		if path, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("webgpu: cannot find this program to start the device process: %w", err)
		}
	}
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), childVar+"="+version)
	if os.Getenv("XDG_RUNTIME_DIR") == "" {
		// Some drivers complain without one. It stays empty and is shared by all runs.
		if dir, err := os.UserCacheDir(); err == nil {
			dir = filepath.Join(dir, "gwrun", "run")
			if os.MkdirAll(dir, 0o700) == nil {
				cmd.Env = append(cmd.Env, "XDG_RUNTIME_DIR="+dir)
			}
		}
	}
	cmd.Env = append(cmd.Env, o.Env...)
	cmd.SysProcAttr = processAttributes()
	c := &child{answers: make(chan answer, 1), done: make(chan struct{}), limit: o.timeLimit()}
	cmd.Stderr = &c.stderr
	var err error
	if c.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("webgpu: %w", err)
	}
	stdout, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("webgpu: %w", err)
	}
	cmd.Stdout = w
	started := make(chan error)
	go func() {
		// On Linux the child is told to die with the thread that started it, so that thread must live as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		w.Close()
		started <- err
		if err != nil {
			return
		}
		err = cmd.Wait()
		c.mu.Lock()
		c.status = err
		c.mu.Unlock()
		close(c.done)
	}()
	if err := <-started; err != nil {
		stdout.Close()
		return nil, fmt.Errorf("webgpu: cannot start the device process: %w", err)
	}
	c.kill = func() { cmd.Process.Kill() }
	c.pid = cmd.Process.Pid
	go c.read(stdout)
	return c, nil
}

// read passes the answers on until the child closes its pipe or says something that makes no sense.
func (c *child) read(r io.ReadCloser) {
	defer r.Close()
	defer close(c.answers)
	b := bufio.NewReaderSize(r, 64<<10)
	for {
		k, body, err := readFrame(b)
		if err == nil && k != ansOK && k != ansRefused {
			err = errFrame
		}
		if err != nil {
			if err != io.EOF {
				c.giveUp("its answer made no sense: " + err.Error())
			}
			return
		}
		select {
		case c.answers <- answer{k, body}:
		case <-c.done:
			return
		}
	}
}

// giveUp kills the child and remembers why.
func (c *child) giveUp(reason string) {
	c.mu.Lock()
	if c.reason == "" {
		c.reason = reason
	}
	c.mu.Unlock()
	c.kill()
}

// lost waits for the child to be gone and says what happened to it.
func (c *child) lost() string {
	c.kill()
	<-c.done
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.reason
	if s == "" {
		s = "the device process ended"
		if c.status != nil {
			s += " (" + c.status.Error() + ")"
		}
	}
	if t := c.stderr.text(); t != "" {
		s += ": " + t
	}
	return s
}

// errLost says that the child is of no use any more; lost knows why.
var errLost = errors.New("device process lost")

// refusedError is a request that the child refused; the device is fine.
type refusedError string

func (e refusedError) Error() string { return string(e) }

// call sends a request and, if it is of a kind that is answered, waits for the answer. A child that takes longer than
// the limit, or goes on for more than a few seconds after ctx is done, is killed.
func (c *child) call(ctx context.Context, r *request) ([]byte, error) {
	select {
	case <-c.done:
		return nil, errLost
	default:
	}
	timer := time.AfterFunc(c.limit, func() {
		c.giveUp(fmt.Sprintf("no answer within %v", c.limit))
	})
	defer timer.Stop()
	defer context.AfterFunc(ctx, func() { timer.Reset(min(c.limit, 5*time.Second)) })()
	if err := writeFrame(c.stdin, r.kind, r.encode()); err != nil {
		if errors.Is(err, os.ErrClosed) || isPipeError(err) {
			return nil, errLost
		}
		c.giveUp("cannot send to it: " + err.Error())
		return nil, errLost
	}
	if !r.kind.answered() {
		return nil, nil
	}
	a, ok := <-c.answers
	if !ok {
		return nil, errLost
	}
	if a.kind == ansRefused {
		f := &fields{b: a.body}
		text := f.text(maxFrame)
		if f.end() != nil {
			c.giveUp("its answer made no sense")
			return nil, errLost
		}
		return nil, refusedError(text)
	}
	return a.body, nil
}

func isPipeError(err error) bool {
	var p *os.PathError
	return errors.As(err, &p)
}

// stop ends the child: it exits when its standard input closes, and is killed if it does not.
func (c *child) stop() {
	c.stdin.Close()
	select {
	case <-c.done:
	case <-time.After(2 * time.Second):
		c.kill()
		<-c.done
	}
}

// complaint keeps the first bytes of what a process says on its standard error: where it crashes, they are the reason, and
// what follows is stacks and registers.
type complaint struct {
	mu sync.Mutex
	b  []byte
}

const complaintBytes = 4 << 10

func (t *complaint) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p[:min(len(p), complaintBytes-len(t.b))]...)
	return len(p), nil
}

// text gives the reason on one line.
func (t *complaint) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines []string
	for line := range strings.Lines(strings.ToValidUTF8(string(t.b), "?")) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "goroutine ") || strings.HasPrefix(line, "PC=") || len(lines) == 3 {
			break
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	s := strings.Join(lines, "; ")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "..."
	}
	return s
}
