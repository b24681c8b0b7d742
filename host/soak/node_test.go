package soak

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/devnet/devnettest"
	"github.com/gwrun/gwrun/host/fault"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/transport"
)

// nodeEnv makes the test binary a node that obeys its standard input, for TestKills.
const nodeEnv = "GWRUN_SOAK_NODE"

func TestMain(m *testing.M) {
	text := os.Getenv(nodeEnv)
	if text == "" {
		os.Exit(m.Run())
	}
	if err := serve(text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// nodeConfig is what a node's process is told when it starts.
type nodeConfig struct {
	Name, Dir, Listen   string
	Key                 string // of its identity, hex
	Provider, Validator bool
	Cheat               bool   // it flips a bit in each job
	Lie                 string // its strategy as a validator (package fault)
}

// order is a line that a node's process is sent; reply is one it sends.
type (
	order struct {
		Arm *arm // kill yourself at this message, counted from now
		Run *struct {
			Seed  uint64
			Peers []string
		}
		Count bool
	}
	arm struct {
		Message int64 // the first is 1; 0 is none
		After   bool  // it was sent
	}
	reply struct {
		Addr  string  // it listens
		Armed bool    // it counts
		Sent  *int64  // the count
		End   *ending // of the submission
		Error string  // or why there is none
	}
)

// trigger kills this process at a message.
type trigger struct {
	mu           sync.Mutex
	at           arm
	begun, ended int64
}

func (g *trigger) set(a arm) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at, g.begun, g.ended = a, 0, 0
}

func (g *trigger) count() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.begun
}

// onSend is transport.Config.OnSend.
func (g *trigger) onSend(_ string, sent bool) {
	g.mu.Lock()
	var now bool
	if sent {
		g.ended++
		now = g.at.After && g.ended == g.at.Message
	} else {
		g.begun++
		now = !g.at.After && g.begun == g.at.Message
	}
	if !now {
		g.mu.Unlock()
		return
	}
	if sent {
		g.mu.Unlock()
		// QUIC sends from a goroutine of its own. Whoever sent this message waits here, so it is the last of its request.
		time.Sleep(3 * time.Millisecond)
	}
	syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// serve is the process of one node.
func serve(text string) error {
	var cfg nodeConfig
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		return err
	}
	key, err := hex.DecodeString(cfg.Key)
	if err != nil {
		return err
	}
	id, err := identity.FromBytes(key)
	if err != nil {
		return err
	}
	s, err := store.Open(filepath.Join(cfg.Dir, cfg.Name), store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	g := &trigger{}
	c := node.Config{Identity: id, Store: s, Listen: cfg.Listen, Name: cfg.Name, Provider: cfg.Provider, Validator: cfg.Validator, OpenDevice: devnettest.OpenCPU, Device: devnettest.CPU, Forgives: true,
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelInfo})),
		// A node whose peer was killed has to notice before long.
		Transport: transport.Config{OnSend: g.onSend, KeepAlive: 200 * time.Millisecond, IdleTimeout: 5 * time.Second}}
	if cfg.Cheat {
		c.Fault = flip()
	}
	if cfg.Lie != "" {
		lie, err := fault.Parse(fault.Validator, cfg.Lie)
		if err != nil {
			return err
		}
		if err := lie.Apply(&c); err != nil {
			return err
		}
	}
	n, err := node.Start(c)
	if err != nil {
		return err
	}
	defer n.Close(context.Background())
	var mu sync.Mutex
	out := json.NewEncoder(os.Stdout)
	tell := func(r reply) {
		mu.Lock()
		defer mu.Unlock()
		out.Encode(r)
	}
	tell(reply{Addr: n.Addr()})
	var runs sync.WaitGroup
	defer runs.Wait()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var o order
		if err := json.Unmarshal(in.Bytes(), &o); err != nil {
			return err
		}
		switch {
		case o.Arm != nil:
			g.set(*o.Arm)
			tell(reply{Armed: true})
		case o.Count:
			sent := g.count()
			tell(reply{Sent: &sent})
		case o.Run != nil:
			runs.Go(func() {
				end, err := submit(n, o.Run.Seed, o.Run.Peers)
				if err != nil {
					tell(reply{Error: err.Error()})
					return
				}
				tell(reply{End: end})
			})
		}
	}
	return nil
}

// passTime bounds one pass: nobody waits for ever for what never comes.
const passTime = 2 * time.Minute

func submit(n *node.Node, seed uint64, peers []string) (*ending, error) {
	wasm, err := os.ReadFile("../../runtime/testdata/waves.wasm")
	if err != nil {
		return nil, err
	}
	j, err := waves(wasm, seed)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), passTime, errors.New("the pass's time is over"))
	defer cancel()
	return through(ctx, n, request(j, peers), nil)
}
