package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/fault"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// nodeFlags are the flags of every verb that is a node of the network: where it keeps its store and key, where it listens.
type nodeFlags struct {
	role   string // names the default folder
	data   string
	listen string
	at     []string
	key    keyFlags
	quota  byteFlag
	cache  byteFlag
	up     rateFlag
	down   rateFlag
	fault  string
	before func(c *node.Config) error // is called when there is all but a node; nil for nothing
	net    networkFlags
	money  moneyFlags
	logs   logFlags
}

func (f *nodeFlags) add(cmd *cobra.Command, role, listen string) {
	f.role = role
	cmd.Flags().StringVar(&f.data, "data", "", "`DIR` of this node's store and key (default "+role+" in the --home folder)")
	cmd.Flags().StringVar(&f.listen, "listen", listen, "UDP `ADDRESS` to listen on")
	cmd.Flags().StringSliceVar(&f.at, "announce", nil, "where others can reach this node, `HOST:PORT,...` (default the machine's addresses with that port)")
	cmd.Flags().StringVar(&f.key.file, "key", "", "key `FILE` (default key.json in the --data folder, made if it is not there)")
	cmd.Flags().StringVar(&f.key.passphraseFile, "passphrase-file", "", "`FILE` whose first line is the key's passphrase (default $"+passphraseVar+", then the terminal; none for a key that is made)")
	cmd.Flags().Var(&f.quota, "quota", "most `BYTES` of content to keep, such as 50GB: what no job needs any more makes room for what is new; 0 is no bound")
	f.cache = 10e9
	cmd.Flags().Var(&f.cache, "cache", "most `BYTES` of content that no job needs any more to keep, such as 10GB")
	cmd.Flags().Var(&f.up, "max-up", "most `RATE` to send content at, such as 10MB/s, over all connections; 0 is no bound")
	cmd.Flags().Var(&f.down, "max-down", "most `RATE` to take content at, such as 10MB/s, over all connections; 0 is no bound")
	cmd.Flags().StringVar(&f.fault, "fault", "", "misbehave, to test those who check: STRATEGY[,KEY=VALUE]... (gwrun devnet --fault list)")
	cmd.Flags().MarkHidden("fault")
	f.net.add(cmd, role)
	f.money.add(cmd, role)
	if role == "submit" {
		f.logs.add(cmd, "warn") // it is a person's, not an operator's
	} else {
		f.logs.add(cmd, "info")
	}
}

func (f *nodeFlags) dir(g *globals) (string, error) {
	if f.data != "" {
		return f.data, nil
	}
	home, err := g.homeDir()
	return filepath.Join(home, f.role), err
}

// identity opens the node's key. Without --key it is the data folder's own, made on first use: each role is an account
// of its own, so that one machine can be provider, validator and consumer without judging itself.
func (f *nodeFlags) identity(g *globals) (*identity.Identity, error) {
	if f.key.file != "" {
		return f.key.load(g)
	}
	dir, err := f.dir(g)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "key.json")
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		id, _, err := f.key.unlock(g, path)
		return id, err
	}
	passphrase, _, err := givenPassphrase(f.key.passphraseFile, passphraseVar)
	if err != nil {
		return nil, err
	}
	id, err := identity.Create(path, passphrase, strength(passphrase, false))
	if err == nil {
		g.logf("made a key for this node: %s (%s)", id.Account(), path)
	}
	return id, err
}

// start opens the store and the key and starts a node with them. The function it gives back stops everything.
func (f *nodeFlags) start(g *globals, c node.Config) (*node.Node, func(), error) {
	dir, err := f.dir(g)
	if err != nil {
		return nil, nil, err
	}
	if err := checkAnnounced(f.at); err != nil {
		return nil, nil, err
	}
	if c.Network, err = f.net.network(f.role); err != nil {
		return nil, nil, err
	}
	if c.Identity, err = f.identity(g); err != nil {
		return nil, nil, err
	}
	log, err := f.logs.logger(g)
	if err != nil {
		return nil, nil, err
	}
	s, err := store.Open(filepath.Join(dir, "store"), store.Options{Quota: uint64(f.quota)})
	if err != nil {
		return nil, nil, err
	}
	c.Announce = f.at
	if c.Cache = int64(min(f.cache, math.MaxInt64)); c.Cache == 0 {
		c.Cache = -1 // none; the node's own 0 is its default
	}
	c.Transport.MaxUp, c.Transport.MaxDown = int64(f.up), int64(f.down)
	c.Store, c.Listen, c.Version, c.Log = s, f.listen, version, log
	role := map[string]fault.Role{"host": fault.Provider, "validate": fault.Validator, "submit": fault.Consumer}[f.role]
	err = misbehave(role, f.fault, &c)
	var n *node.Node
	leave := func() {}
	if err == nil {
		leave, err = f.money.apply(g, &c)
		c.Network.Registered = c.Money.Market != nil && (c.Network.Find || f.net.registered)
	}
	if err == nil {
		if f.before != nil {
			err = f.before(&c)
		}
		if err == nil {
			n, err = node.Start(c)
		}
		if err != nil {
			leave()
		}
	}
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return n, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		err := n.Close(ctx)
		leave()
		if err := errors.Join(err, s.Close()); err != nil {
			g.logf("stopping: %v", err)
		}
	}, nil
}

// describe opens the device once, to know that it works and what it is.
func (f *deviceFlags) describe(ctx context.Context) (rpc.DeviceInfo, error) {
	d, err := f.open(ctx)
	if err != nil {
		return rpc.DeviceInfo{}, err
	}
	i := d.Info()
	return rpc.DeviceInfo{ID: i.ID, Kind: i.Kind, Name: i.Name, Backend: i.Backend, Lowering: i.Lowering}, d.Close()
}

// computes fills in what a provider or a validator computes on.
func (f *deviceFlags) computes(ctx context.Context, c *node.Config) (err error) {
	c.OpenDevice = func(ctx context.Context) (kernels.Device, error) { return f.open(ctx) }
	c.Device, err = f.describe(ctx)
	return err
}

// quick makes a transport notice within seconds that a peer is gone.
func quick() transport.Config {
	return transport.Config{IdleTimeout: 6 * time.Second, KeepAlive: 2 * time.Second}
}

// peerAddrs splits and checks --peers.
func peerAddrs(lists []string) ([]string, error) {
	var out []string
	for _, l := range lists {
		for _, a := range strings.Split(l, ",") {
			if a = strings.TrimSpace(a); a == "" {
				continue
			}
			if _, _, err := peer.Parse(a); err != nil {
				return nil, usagef("--peers: %v", err)
			}
			out = append(out, a)
		}
	}
	return out, nil
}

// dial names a peer whose address peerAddrs has checked.
func dial(n *node.Node, text string) (*peer.Peer, error) {
	addr, account, err := peer.Parse(text)
	return n.Peer(addr, account), err
}

// netError gives the errors of peers their exit statuses.
func netError(err error) error {
	var e *exitError
	if err == nil || errors.As(err, &e) {
		return err
	}
	code, hint := 0, ""
	switch {
	case errors.Is(err, transport.ErrWrongKey):
		code, hint = exitKey, "somebody else answers at this address, or a clock is wrong"
	case errors.Is(err, transport.ErrWrongVersion):
		code, hint = exitVersion, "one of the two has to be updated"
	case errors.Is(err, consumer.ErrNoPeer), errors.Is(err, consumer.ErrGone), errors.Is(err, transport.ErrUnreachable),
		errors.Is(err, transport.ErrTimeout), errors.Is(err, transport.ErrClosed), errors.Is(err, transport.ErrRefused):
		code, hint = exitPeer, "is the node running, the address right and UDP let through?"
	case errors.Is(err, consumer.ErrRejected): // and nobody else may have taken the job then
		code = exitInvalid
	case errors.Is(err, consumer.ErrNoBid), errors.Is(err, consumer.ErrFewValidators), errors.Is(err, consumer.ErrBroken):
		code = exitUnavailable
	case errors.Is(err, store.ErrFull):
		code = exitDiskFull
	case errors.Is(err, syscall.EADDRINUSE):
		code, hint = exitFailure, "another program listens there, perhaps another node: give another --listen (gwrun doctor says which it is)"
	default:
		return err
	}
	return &exitError{code: code, err: err, hint: hint}
}

// shorten gives the first digits of a hash, enough for people to tell a handful apart.
func shorten(s fmt.Stringer) string {
	t := s.String()
	return t[:min(len(t), 12)]
}
