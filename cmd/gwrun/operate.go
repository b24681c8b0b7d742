package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/web"
)

// operateFlags are for whoever runs a node for long: what it tells over HTTP, and how it stops.
type operateFlags struct {
	http  string
	drain time.Duration

	log     *slog.Logger
	metrics *web.Metrics
	ready   *web.Readiness
	server  *web.Server
	node    atomic.Pointer[node.Node] // nil before it has started
	signals chan os.Signal
	left    int // how many of them end it at once
}

func (f *operateFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.http, "http", "", "TCP `ADDRESS` to answer /metrics, /livez, /readyz and /debug/pprof at, such as 127.0.0.1:9433 (default none)")
	cmd.Flags().DurationVar(&f.drain, "drain-timeout", 10*time.Second, "interrupted once, take no more work and let what runs come to its end for so long, and to its next checkpoint for as long again; 0 is not at all")
}

// open begins to answer over HTTP, before the node has started: it says that it is not ready. close ends it.
func (f *operateFlags) open(g *globals, logs *logFlags) (close func(), err error) {
	if f.log, err = logs.logger(g); err != nil {
		return nil, err
	}
	f.metrics, f.ready = web.NewMetrics(version), new(web.Readiness)
	if f.http == "" {
		return func() {}, nil
	}
	f.ready.Add("listening", 0, func(context.Context) error {
		if f.node.Load() == nil {
			return errors.New("the node is starting")
		}
		return nil
	})
	f.server, err = web.Start(web.Config{Listen: f.http, Metrics: f.metrics, Ready: f.ready, Log: f.log, Alive: func(ctx context.Context) error {
		if n := f.node.Load(); n != nil {
			return web.Alive(n)(ctx)
		}
		return nil
	}})
	if err != nil {
		return nil, err
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := f.server.Close(ctx); err != nil {
			g.logf("stopping: %v", err)
		}
	}, nil
}

// started tells what the node does, from now on until ctx ends.
func (f *operateFlags) started(ctx context.Context, n *node.Node, c *node.Config) {
	if f.server != nil {
		f.metrics.Node(n)
		f.ready.Node(n, c.OpenDevice)
	}
	if m := n.Contracts(); m != nil {
		f.ready.Add("chain", 10*time.Second, web.InSync(m.Chain()))
		go web.NewBalances(f.metrics, f.log).Watch(ctx, time.Minute, web.Purse(m, n.Account()))
	}
	f.node.Store(n)
	notify("READY=1")
}

// address is where it answers over HTTP, "" if it does not.
func (f *operateFlags) address() string {
	if f.server == nil {
		return ""
	}
	return f.server.Addr()
}

// catch counts interrupts from now on, until the function it gives is called: without, the second ends the process, as it should while the
// node is starting. ctx is what the first one ends.
func (f *operateFlags) catch(ctx context.Context) (release func()) {
	f.signals, f.left = make(chan os.Signal, 4), 2
	if ctx.Err() != nil {
		f.left = 1
	}
	signal.Notify(f.signals, os.Interrupt, syscall.SIGTERM)
	return func() { signal.Stop(f.signals) }
}

// rest lets the node come to rest when the command was interrupted. Interrupted once more, it stops at once; a third time ends the process.
func (f *operateFlags) rest(g *globals, n *node.Node) {
	notify("STOPPING=1")
	if f.drain <= 0 {
		signal.Stop(f.signals)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		for range f.left { // the first is what brought us here
			select {
			case <-f.signals:
			case <-ctx.Done():
				return
			}
		}
		signal.Stop(f.signals)
		cancel()
	}()
	say := time.AfterFunc(300*time.Millisecond, func() { // a node that has nothing to do stops without a word
		g.logf("work is under way: it has %s, then until its next checkpoint; interrupt again to stop at once (it goes on from its last checkpoint at the next start)", f.drain)
	})
	defer say.Stop()
	if err := n.Drain(ctx, f.drain); err != nil {
		g.logf("%v; what is left goes on at the next start", err)
	}
}

// notify tells systemd, if that started this process, how it is (sd_notify(3)).
func notify(state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	if path[0] == '@' {
		path = "\x00" + path[1:] // the abstract namespace
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return // whoever listens there will say so
	}
	defer c.Close()
	c.Write([]byte(state))
}
