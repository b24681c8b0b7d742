package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

func start(t *testing.T, cfg Config) *Server {
	t.Helper()
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics("test")
	}
	if cfg.Ready == nil {
		cfg.Ready = new(Readiness)
	}
	s, err := Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// ask gives the status and the text of an answer.
func ask(t *testing.T, s *Server, method, path, host string) (int, string) {
	t.Helper()
	_, port, err := net.SplitHostPort(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(method, "http://127.0.0.1:"+port+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		r.Host = host
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// On a loopback address profiles are served to this machine, and nothing to a page that was made to look like it. Elsewhere there are none.
func TestWhoMayAsk(t *testing.T) {
	local, open := start(t, Config{Listen: "127.0.0.1:0"}), start(t, Config{Listen: "0.0.0.0:0"})
	for _, c := range []struct {
		s                  *Server
		method, path, host string
		want               int
	}{
		{local, "GET", "/metrics", "", 200},
		{local, "GET", "/debug/pprof/", "", 200},
		{local, "GET", "/debug/pprof/goroutine?debug=1", "localhost:9433", 200},
		{local, "HEAD", "/livez", "[::1]:9433", 200},
		{local, "GET", "/livez", "LOCALHOST", 200},
		{local, "GET", "/livez", "127.9.9.9", 200},
		{local, "GET", "/livez", "evil.example", 403},
		{local, "GET", "/metrics", "127.0.0.1.evil.example:80", 403},
		{local, "GET", "/debug/pprof/", "192.168.1.1", 403},
		{local, "POST", "/livez", "", 405},
		{local, "DELETE", "/metrics", "", 405},
		{local, "GET", "/nothing", "", 404},
		{local, "GET", "/", "", 200},
		{open, "GET", "/metrics", "node.example:9433", 200},
		{open, "GET", "/readyz", "node.example:9433", 200},
		{open, "GET", "/debug/pprof/", "localhost", 403},
		{open, "GET", "/debug/pprof/heap", "127.0.0.1", 403},
		{open, "POST", "/readyz", "", 405},
	} {
		if got, text := ask(t, c.s, c.method, c.path, c.host); got != c.want {
			t.Errorf("%s %s of %q on %s: %d, want %d: %.100s", c.method, c.path, c.host, c.s.Addr(), got, c.want, text)
		}
	}
	if _, text := ask(t, open, "GET", "/debug/pprof/", ""); !strings.Contains(text, "loopback address only") {
		t.Errorf("it does not say why there are no profiles: %s", text)
	}
	if _, err := Start(Config{Listen: local.Addr(), Metrics: NewMetrics("x"), Ready: new(Readiness)}); err == nil || !strings.Contains(err.Error(), local.Addr()) {
		t.Errorf("a port that is taken: %v", err)
	}
}

func TestReadiness(t *testing.T) {
	var r Readiness
	s := start(t, Config{Listen: "127.0.0.1:0", Ready: &r})
	var asked atomic.Int32
	var fault atomic.Pointer[error]
	r.Add("cheap", 0, func(context.Context) error {
		if e := fault.Load(); e != nil {
			return *e
		}
		return nil
	})
	r.Add("dear", time.Hour, func(context.Context) error { asked.Add(1); return nil })
	for range 3 {
		if code, text := ask(t, s, "GET", "/readyz", ""); code != 200 || text != "cheap: ok\ndear: ok\n" {
			t.Fatalf("%d %q", code, text)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("what costs something was asked %d times", n)
	}
	bad := errors.New("it is\nbroken")
	fault.Store(&bad)
	if code, text := ask(t, s, "GET", "/readyz", ""); code != 503 || text != "cheap: it is broken\ndear: ok\n" {
		t.Errorf("%d %q", code, text)
	}
	fault.Store(nil)
	if code, _ := ask(t, s, "GET", "/readyz", ""); code != 200 {
		t.Errorf("%d when all is well again", code)
	}
	// One that hangs is asked once, and hangs nobody.
	hung, calls := make(chan struct{}), atomic.Int32{}
	r.Add("hung", 0, func(context.Context) error { calls.Add(1); <-hung; return nil })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	for range 5 {
		if lines, ready := r.Ask(ctx); ready || !slices.Contains(lines, "hung: no answer in time") {
			t.Errorf("%q, ready %v", lines, ready)
		}
	}
	if n := calls.Load(); n != 1 {
		t.Errorf("what hangs was asked %d times", n)
	}
	close(hung)
	if lines, ready := r.Ask(t.Context()); !ready {
		t.Errorf("%q when it hangs no more", lines)
	}
}

func TestLive(t *testing.T) {
	var fault atomic.Bool
	s := start(t, Config{Listen: "127.0.0.1:0", Alive: func(context.Context) error {
		if fault.Load() {
			return errors.New("hangs")
		}
		return nil
	}})
	if code, _ := ask(t, s, "GET", "/livez", ""); code != 200 {
		t.Errorf("alive: %d", code)
	}
	fault.Store(true)
	if code, text := ask(t, s, "GET", "/livez", ""); code != 503 || !strings.Contains(text, "hangs") {
		t.Errorf("%d %q", code, text)
	}
}

// A node's metrics are named as Prometheus wants them, and no label has values that others choose.
func TestNode(t *testing.T) {
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	var lost atomic.Bool
	device := func(context.Context) (kernels.Device, error) {
		if lost.Load() {
			return nil, errors.New("gpu0 was lost")
		}
		return cpu.Open(cpu.Options{})
	}
	kept := store.NewMemory(store.Options{})
	n, err := node.Start(node.Config{Identity: id, Store: kept, Provider: true, Validator: true, OpenDevice: device, Device: rpc.DeviceInfo{ID: "cpu", Kind: "cpu"}})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close(context.Background())
	if err := n.Market.Add(market.Trade{Provider: id.Account(), Device: "cpu", Gas: 2e9, Price: msg.AmountOf(5e17), At: time.Now().Unix()}); err != nil {
		t.Fatal(err)
	}
	if err := n.Market.Add(market.Trade{Job: msg.Hash{2}, Consumer: id.Account(), Device: "anybody's word", GPUGas: 1e9, Price: msg.AmountOf(2e17), At: time.Now().Unix()}); err != nil {
		t.Fatal(err)
	}
	m, r := NewMetrics("1.2.3"), new(Readiness)
	m.Node(n)
	r.Node(n, device)
	NewBalances(m, slog.New(slog.DiscardHandler)).take([]Balance{{Unit: "native", For: "gas", Have: msg.AmountOf(25e17), Least: msg.AmountOf(1e17)}}, nil)
	s := start(t, Config{Listen: "127.0.0.1:0", Metrics: m, Ready: r, Alive: Alive(n)})

	code, text := ask(t, s, "GET", "/metrics", "")
	if code != 200 {
		t.Fatalf("%d: %s", code, text)
	}
	for _, want := range []string{`gwrun_build_info{version="1.2.3"} 1`, `gwrun_jobs{state="running"} 0`, `gwrun_jobs_total{state="done"} 0`, "gwrun_gas_total 0", "gwrun_gpu_gas_total 0",
		`gwrun_verdicts_total{verdict="invalid"} 0`, "gwrun_replays_total 0", "gwrun_disputes_total 0", "gwrun_sent_bytes_total 0", `gwrun_store_bytes{kind="cached"} 0`, "gwrun_peers 0",
		"gwrun_device_busy_seconds_total 0", "gwrun_jobs_max 2", "gwrun_queue_max 16", "gwrun_draining 0", `gwrun_known_providers{standing="trusted"} 0`,
		`gwrun_balance{for="gas",unit="native"} 2.5`, `gwrun_balance_least{for="gas",unit="native"} 0.1`, `gwrun_market_price_tokens{class="cpu/module"} 0.25`, `gwrun_market_trades{class="cpu/module"} 1`, `gwrun_market_trades{class="discrete/kernels"} 0`,
		`gwrun_market_position_tokens{side="earned"} 0.5`, `gwrun_market_book{kind="tenders"} 0`, "go_goroutines ", "process_cpu_seconds_total "} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("no %q among the metrics", want)
		}
	}
	for _, not := range []string{"anybody", id.Account().String()} {
		if strings.Contains(text, not) {
			t.Errorf("%q is among the metrics", not)
		}
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	if series := strings.Count(text, "\ngwrun_"); series > 110 {
		t.Errorf("%d series, want a bounded few", series)
	}

	if code, text := ask(t, s, "GET", "/livez", ""); code != 200 {
		t.Errorf("livez: %d %s", code, text)
	}
	if code, text := ask(t, s, "GET", "/readyz", ""); code != 200 || text != "draining: ok\nstore: ok\ndevice: ok\n" {
		t.Errorf("readyz: %d %q", code, text)
	}
	lost.Store(true)
	r2 := new(Readiness)
	r2.Node(n, device)
	if err := n.Drain(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if err := kept.Close(); err != nil {
		t.Fatal(err)
	}
	lines, ready := r2.Ask(t.Context())
	if ready || len(lines) != 3 || !strings.HasPrefix(lines[0], "draining: this node is about to stop") || lines[1] == "store: ok" || lines[2] != "device: gpu0 was lost" {
		t.Errorf("a draining node whose store is closed and whose device is lost: %q, ready %v", lines, ready)
	}
	if _, text := ask(t, s, "GET", "/metrics", ""); !strings.Contains(text, "\ngwrun_draining 1") {
		t.Error("the metrics do not say that it drains")
	}
}

// A low balance is said once, again each hour, and once more when it is high enough.
func TestBalances(t *testing.T) {
	var log bytes.Buffer
	b := NewBalances(NewMetrics("x"), slog.New(slog.NewTextHandler(&log, nil)))
	now := time.Unix(1e9, 0)
	b.now = func() time.Time { return now }
	said := func(have uint64, err error) int {
		log.Reset()
		b.take([]Balance{{Account: msg.Account{7}, Unit: "native", For: "gas", Have: msg.AmountOf(have), Least: msg.AmountOf(100), Remedy: "send some"}}, err)
		return strings.Count(log.String(), "\n")
	}
	for i, step := range []struct {
		have uint64
		err  error
		pass time.Duration
		want int
		text string
	}{
		{have: 100, want: 0},
		{have: 99, want: 1, text: "level=WARN"},
		{have: 98, want: 0},
		{have: 98, pass: time.Hour - time.Second, want: 0},
		{have: 98, pass: time.Second, want: 1, text: "remedy=\"send some\""},
		{err: errors.New("no chain"), want: 1, text: "no chain"},
		{err: errors.New("no chain"), want: 0},
		{have: 100, want: 2, text: "high enough again"},
		{have: 100, want: 0},
		{have: 1, want: 1, text: "account=0x07"},
	} {
		now = now.Add(step.pass)
		if n := said(step.have, step.err); n != step.want || !strings.Contains(log.String(), step.text) {
			t.Errorf("step %d: %d lines, want %d with %q: %s", i, n, step.want, step.text, log.String())
		}
	}
	// Two of one kind would be one metric twice.
	b.take([]Balance{{Unit: "token", For: "stake"}, {Unit: "token", For: "stake"}}, nil)
	if len(b.seen) != 1 {
		t.Errorf("%d balances of one kind", len(b.seen))
	}
	// It reads as often as it is told to, and no more when it is over.
	ctx, cancel := context.WithCancel(t.Context())
	reads := 0
	b.Watch(ctx, time.Millisecond, func(context.Context) ([]Balance, error) {
		if reads++; reads == 3 {
			cancel()
		}
		return nil, nil
	})
	if reads != 3 {
		t.Errorf("%d reads", reads)
	}
	if got := Whole(msg.AmountOf(math.MaxUint64)); math.Abs(got-18.446744073709551615) > 1e-12 {
		t.Errorf("%v tokens", got)
	}
}
