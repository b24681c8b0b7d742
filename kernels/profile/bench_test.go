package profile

import (
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkCompile300 is the front end's share of the time from a text of 300 lines to a kernel that is ready to run.
func BenchmarkCompile300(b *testing.B) {
	text, err := os.ReadFile(filepath.Join(corpus, "bench", "transformer_block.wgsl"))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if _, err := Check(string(text)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("emit", func(b *testing.B) {
		m, err := Check(string(text))
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			k, err := m.Emit("main", nil)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(k.NumInsts), "insts")
		}
	})
}
