package web

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics are the numbers that a node tells. Names are Prometheus's way: gwrun_ and what it is, with the unit, _total behind what only grows.
//
// A label's values are named when a metric is made, so that nobody else's doing makes more of them: no account, job or address is ever one.
type Metrics struct{ registry *prometheus.Registry }

// NewMetrics makes those that every process has.
func NewMetrics(version string) *Metrics {
	m := &Metrics{prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.Gauges("gwrun_build_info", "1, with this program's version.", "version", []string{version}, func(string) float64 { return 1 })
	return m
}

// Gauge adds a number that goes up and down. read is called for each scrape, and has to be quick.
func (m *Metrics) Gauge(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

// Counter adds a number that only grows.
func (m *Metrics) Counter(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, read))
}

// Gauges adds a number for each value of a label.
func (m *Metrics) Gauges(name, help, label string, values []string, read func(value string) float64) {
	m.registry.MustRegister(&labelled{prometheus.NewDesc(name, help, []string{label}, nil), prometheus.GaugeValue, slices.Clone(values), read})
}

// Counters adds a number that only grows for each value of a label.
func (m *Metrics) Counters(name, help, label string, values []string, read func(value string) float64) {
	m.registry.MustRegister(&labelled{prometheus.NewDesc(name, help, []string{label}, nil), prometheus.CounterValue, slices.Clone(values), read})
}

// labelled is one number for each value of a label.
type labelled struct {
	desc   *prometheus.Desc
	kind   prometheus.ValueType
	values []string
	read   func(value string) float64
}

func (l *labelled) Describe(to chan<- *prometheus.Desc) { to <- l.desc }

func (l *labelled) Collect(to chan<- prometheus.Metric) {
	for _, v := range l.values {
		to <- prometheus.MustNewConstMetric(l.desc, l.kind, l.read(v), v)
	}
}
