package deterrence

import (
	"bytes"
	"fmt"
)

// SVG draws the simulation: for providers and validators the gain of cheating over the ratio of the rule, the theory as a line, the
// simulated settings as points.
func (s *Simulation) SVG() []byte {
	const (
		width, height = 860, 420
		left, top     = 64, 56
		plotW, plotH  = 340, 280
		gap           = 84
		maxX, minY    = 4.0, -3.0
	)
	var b bytes.Buffer
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`, width, height)
	p(`<rect width="%d" height="%d" fill="#ffffff"/>`, width, height)
	p(`<text x="%d" y="24" font-size="15" fill="#1a1a1a">Expected gain of cheating, in units of what it saves (%d simulated jobs and checks, seed %d)</text>`, left, s.Jobs, s.Seed)
	for i, panel := range []struct{ who, title, axis string }{
		{"provider", "a provider that falsifies one interval", "chance of being caught x (reward + stake) / saved"},
		{"validator", "a validator that answers without computing", "share of canaries x (fee + stake) / saved"},
	} {
		x0 := float64(left + i*(plotW+gap))
		px := func(x float64) float64 { return x0 + x/maxX*plotW }
		py := func(y float64) float64 { return top + (1-y)/(1-minY)*plotH }
		// Where cheating pays, where it does not but the rule is broken, and where the rule holds.
		for _, zone := range []struct {
			from, to float64
			fill     string
		}{{0, 1, "#fbe3e0"}, {1, Margin, "#fdf4dc"}, {Margin, maxX, "#e4f2e6"}} {
			p(`<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`, px(zone.from), top, px(zone.to)-px(zone.from), plotH, zone.fill)
		}
		p(`<text x="%.1f" y="%d" fill="#1a1a1a">%s</text>`, x0, top-8, panel.title)
		for y := minY; y <= 1; y++ {
			p(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#c8c8c8"/>`, x0, py(y), x0+plotW, py(y))
			p(`<text x="%.1f" y="%.1f" text-anchor="end" fill="#444444">%+.0f</text>`, x0-6, py(y)+4, y)
		}
		for x := 0.0; x <= maxX; x++ {
			p(`<text x="%.1f" y="%d" text-anchor="middle" fill="#444444">%.0f</text>`, px(x), top+plotH+16, x)
		}
		p(`<text x="%.1f" y="%d" text-anchor="middle" fill="#444444">%s</text>`, x0+plotW/2, top+plotH+34, panel.axis)
		p(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#1a1a1a"/>`, x0, py(0), x0+plotW, py(0))
		p(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#2b5fa3" stroke-width="1.5"/>`, px(0), py(1), px(maxX), py(1-maxX))
		for _, q := range s.Points {
			if q.Who != panel.who || q.Ratio > maxX || q.Mean < minY {
				continue
			}
			p(`<circle cx="%.1f" cy="%.1f" r="3.5" fill="#b4472f"/>`, px(q.Ratio), py(q.Mean))
		}
	}
	p(`<text x="%d" y="%d" fill="#444444">line: theory. points: simulation. red: cheating pays. yellow: it does not, but the rule (2) is broken. green: the rule holds.</text>`, left, height-20)
	p(`</svg>`)
	return b.Bytes()
}
