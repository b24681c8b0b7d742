// Package web is what a node tells its operator over HTTP: metrics for Prometheus, whether it lives and is ready for work, and profiles. It
// only tells: nothing asked here changes anything.
package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Config says what a server tells.
type Config struct {
	// Listen is a TCP address. On one that is not a loopback address there are no profiles.
	Listen  string
	Metrics *Metrics
	Ready   *Readiness
	// Alive fails if the node hangs. Default: a process that answers lives.
	Alive func(ctx context.Context) error
	// Log takes what an operator should know. Default: nowhere.
	Log *slog.Logger
}

// Server answers.
type Server struct {
	http *http.Server
	addr net.Addr
}

// Start listens and answers until Close.
func Start(cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	l, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listening for HTTP on %s: %w", cfg.Listen, err)
	}
	local := false
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		local = a.IP.IsLoopback()
	}
	if !local {
		cfg.Log.Warn("whoever reaches this address reads the metrics", "http", l.Addr().String())
	}
	s := &Server{addr: l.Addr(), http: &http.Server{Handler: cfg.handler(local), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 3 * time.Minute,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug)}}
	go func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			cfg.Log.Error("HTTP", "err", err)
		}
	}()
	return s, nil
}

// Addr is where it listens.
func (s *Server) Addr() string { return s.addr.String() }

// Close ends what is being answered when ctx does.
func (s *Server) Close(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(err, s.http.Close())
	}
	return nil
}

func (c *Config) handler(local bool) http.Handler {
	m := http.NewServeMux()
	m.Handle("/metrics", promhttp.HandlerFor(c.Metrics.registry, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(c.Log.Handler(), slog.LevelError), MaxRequestsInFlight: 4}))
	alive := new(Readiness)
	if c.Alive != nil {
		alive.Add("alive", 0, c.Alive)
	}
	m.HandleFunc("/livez", alive.serve)
	m.HandleFunc("/readyz", c.Ready.serve)
	m.HandleFunc("/debug/pprof/", pprof.Index)
	m.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	m.HandleFunc("/debug/pprof/profile", pprof.Profile)
	m.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	m.HandleFunc("/debug/pprof/trace", pprof.Trace)
	m.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "gwrun\n/metrics\n/livez\n/readyz\n/debug/pprof/\n")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "this node only tells: want GET", http.StatusMethodNotAllowed)
		case local && !isLocal(r.Host):
			// A page whose name was made to mean this machine reads it with the visitor's browser (DNS rebinding); its requests have its name.
			http.Error(w, fmt.Sprintf("host %q, want localhost or a loopback address", r.Host), http.StatusForbidden)
		case !local && strings.HasPrefix(r.URL.Path, "/debug/"):
			http.Error(w, "profiles tell what a node has in memory: they are served on a loopback address only", http.StatusForbidden)
		default:
			m.ServeHTTP(w, r)
		}
	})
}

// isLocal says whether a Host header names this machine, and could not be anybody else's name.
func isLocal(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	ip := net.ParseIP(name)
	return strings.EqualFold(name, "localhost") || ip != nil && ip.IsLoopback()
}

// patience is how long whoever asks is kept waiting.
const patience = 5 * time.Second
