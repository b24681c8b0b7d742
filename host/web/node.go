package web

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// lookAgain is how old a number may be that costs something to find out.
const lookAgain = 15 * time.Second

// recent keeps what f finds for a while.
func recent[T any](f func() T) func() T {
	var mu sync.Mutex
	var at time.Time
	var last T
	return func() T {
		mu.Lock()
		defer mu.Unlock()
		if at.IsZero() || time.Since(at) >= lookAgain {
			last, at = f(), time.Now()
		}
		return last
	}
}

// names are the texts of a string type's values.
func names[T ~string](values ...T) (out []string) {
	for _, v := range values {
		out = append(out, string(v))
	}
	return out
}

// Node adds what a node does to m.
func (m *Metrics) Node(n *node.Node) {
	m.transport(n)
	m.store(n.Store())
	m.reputation(n)
	m.market(n)
	if n.Provider != nil {
		m.provider(n)
	}
	if n.Validator != nil {
		m.validator(n)
	}
	m.Counter("gwrun_disputes_total", "Disputes that this node began to answer in.", func() float64 { d, _ := n.Disputes(); return float64(d) })
	m.Counter("gwrun_dispute_moves_total", "Moves that this node made in disputes.", func() float64 { _, moves := n.Disputes(); return float64(moves) })
	m.Gauge("gwrun_draining", "1 while the node takes no more work since it is about to stop.", func() float64 {
		if n.Draining() {
			return 1
		}
		return 0
	})
}

func (m *Metrics) transport(n *node.Node) {
	m.Counter("gwrun_sent_bytes_total", "Bytes sent to peers, retransmissions among them.", func() float64 { return float64(n.Endpoint.Traffic().Sent) })
	m.Counter("gwrun_received_bytes_total", "Bytes received from peers.", func() float64 { return float64(n.Endpoint.Traffic().Received) })
	m.Gauge("gwrun_connections", "Connections to peers that are open.", func() float64 { return float64(len(n.Endpoint.Conns())) })
	m.Gauge("gwrun_peers", "Accounts that are connected.", func() float64 {
		peers := map[msg.Account]bool{}
		for _, c := range n.Endpoint.Conns() {
			peers[c.Peer()] = true
		}
		return float64(len(peers))
	})
}

func (m *Metrics) store(s store.Store) {
	usage := recent(func() store.Usage { u, _ := s.Usage(); return u })
	m.Gauges("gwrun_store_bytes", "Bytes of content kept: pinned by jobs, cached, and arriving.", "kind", []string{"pinned", "cached", "arriving"}, func(kind string) float64 {
		switch u := usage(); kind {
		case "pinned":
			return float64(u.Pinned)
		case "cached":
			return float64(u.Bytes - u.Pinned)
		default:
			return float64(u.Arriving)
		}
	})
	m.Gauge("gwrun_store_quota_bytes", "Most bytes of content to keep; 0 is no bound.", func() float64 { return float64(usage().Quota) })
}

// reputation tells how many accounts stand how in this node's book: how they are called is for gwrun reputation.
func (m *Metrics) reputation(n *node.Node) {
	type standing struct {
		role  free.Role
		state string
	}
	counts := recent(func() map[standing]int {
		out := map[standing]int{}
		all, err := n.Settlement.Reputations()
		if err != nil {
			return out
		}
		for _, r := range all {
			state := "new"
			switch {
			case r.Barred(time.Now()):
				state = "barred"
			case r.Trusted():
				state = "trusted"
			}
			out[standing{r.Role, state}]++
		}
		return out
	})
	for _, role := range []free.Role{free.Provider, free.Validator} {
		m.Gauges("gwrun_known_"+string(role)+"s", "Accounts that this node has dealt with as "+string(role)+"s, by how they stand in its book.", "standing",
			[]string{"new", "trusted", "barred"}, func(state string) float64 { return float64(counts()[standing{role, state}]) })
	}
}

func (m *Metrics) provider(n *node.Node) {
	p := n.Provider
	m.Gauges("gwrun_jobs", "Jobs that this provider knows, by state.", "state",
		names(rpc.StateWaiting, rpc.StateQueued, rpc.StateRunning, rpc.StateDone, rpc.StateCancelled, rpc.StateBroken),
		func(state string) float64 { return float64(p.States()[rpc.JobState(state)]) })
	m.Counter("gwrun_jobs_taken_total", "Jobs taken.", func() float64 { return float64(p.Counts().Taken) })
	m.Counters("gwrun_jobs_total", "Jobs that are over, by how they ended.", "state", names(rpc.StateDone, rpc.StateCancelled, rpc.StateBroken),
		func(state string) float64 { return float64(p.Counts().Ended[rpc.JobState(state)]) })
	m.Counter("gwrun_gas_total", "Gas of jobs computed by modules.", func() float64 { return float64(p.Counts().Gas) })
	m.Counter("gwrun_gpu_gas_total", "Gas of jobs computed by kernels.", func() float64 { return float64(p.Counts().GPUGas) })
	m.Counter("gwrun_device_busy_seconds_total", "Seconds that devices were open for jobs; two jobs at once count twice.", func() float64 { return p.Counts().Busy.Seconds() })
	m.Gauge("gwrun_jobs_max", "Jobs that may run at once.", func() float64 { jobs, _ := p.Bounds(); return float64(jobs) })
	m.Gauge("gwrun_queue_max", "Jobs that may wait.", func() float64 { _, queue := p.Bounds(); return float64(queue) })
}

func (m *Metrics) validator(n *node.Node) {
	v := n.Validator
	m.Gauge("gwrun_checks", "Jobs that are being checked.", func() float64 { return float64(v.Checking()) })
	m.Counter("gwrun_replays_total", "Intervals replayed.", func() float64 { return float64(v.Counts().Replays) })
	m.Counters("gwrun_verdicts_total", "Verdicts on intervals.", "verdict", names(msg.Valid, msg.Invalid, msg.Unavailable),
		func(verdict string) float64 { return float64(v.Counts().Verdicts[msg.Value(verdict)]) })
	m.Counter("gwrun_replay_seconds_total", "Seconds that devices were open for replays.", func() float64 { return v.Counts().Busy.Seconds() })
}

// Node adds the checks of a node that has started: its device opens, its store takes writes, and it is not about to stop. device is nil for
// a node that computes nothing.
func (r *Readiness) Node(n *node.Node, device func(ctx context.Context) (kernels.Device, error)) {
	r.Add("draining", 0, func(context.Context) error {
		if n.Draining() {
			return errors.New("this node is about to stop and takes no more work")
		}
		return nil
	})
	r.Add("store", 10*time.Second, func(context.Context) error {
		return n.Store().Journal("web/ready").Put(msg.Hash{}, time.Now().Unix())
	})
	if device != nil {
		r.Add("device", time.Minute, func(ctx context.Context) error {
			d, err := device(ctx)
			if err != nil {
				return err
			}
			return d.Close()
		})
	}
}

// Alive fails if what every request of a provider needs cannot be had.
func Alive(n *node.Node) func(context.Context) error {
	return func(context.Context) error {
		if n.Provider != nil {
			n.Provider.Load()
		}
		n.Endpoint.Conns()
		return nil
	}
}
