package deterrence

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"runtime"
	"sync"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/msg"
)

// Point is one setting of the simulation: what the theory says and what came out.
type Point struct {
	Who    string  `json:"who"` // "provider" or "validator"
	Check  Check   `json:"check"`
	Canary uint32  `json:"canary_ppm"` // share of a validator's checks that are canaries, in millionths
	Terms  Terms   `json:"terms"`
	Ratio  float64 `json:"ratio"`  // expected loss for each unit saved, by theory
	Theory float64 `json:"theory"` // expected gain of cheating, in units of what it saves
	Mean   float64 `json:"mean"`   // of the simulated jobs
	Error  float64 `json:"error"`  // standard error of Mean, by theory
	Jobs   int     `json:"jobs"`
	Caught int     `json:"caught"`
}

// Simulation is the outcome of Simulate.
type Simulation struct {
	Seed   uint64  `json:"seed"`
	Jobs   int     `json:"jobs"`
	Points []Point `json:"points"`
	// Worst is the largest distance of a mean from the theory, in standard errors.
	Worst float64 `json:"worst_deviation"`
}

// Simulate runs jobs whose provider falsifies one interval, and checks by a validator who answers valid without computing, half of
// them each, over settings on both sides of the rule. Validators and intervals are drawn as in a real job (package settle). progress
// is called now and then with the share that is done.
func Simulate(jobs int, seed uint64, progress func(float64)) *Simulation {
	points := settings()
	each := jobs / len(points)
	type part struct{ point, from, to int }
	var parts []part
	for i := range points {
		n := each
		if i < jobs%len(points) {
			n++
		}
		points[i].Jobs = n
		for from := 0; from < n; from += 1000 {
			parts = append(parts, part{i, from, min(from+1000, n)})
		}
	}
	var mu sync.Mutex
	next := 0
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				mu.Lock()
				if next == len(parts) {
					mu.Unlock()
					return
				}
				p := parts[next]
				next++
				done := float64(next) / float64(len(parts))
				mu.Unlock()
				caught := 0
				for i := p.from; i < p.to; i++ {
					if points[p.point].once(seed, p.point, i) {
						caught++
					}
				}
				mu.Lock()
				points[p.point].Caught += caught
				if progress != nil {
					progress(done)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	out := &Simulation{Seed: seed, Jobs: jobs, Points: points}
	for i := range points {
		p := &points[i]
		if p.Jobs == 0 {
			continue
		}
		p.Mean = p.Terms.Gain(float64(p.Caught)/float64(p.Jobs)) / p.Terms.Saved
		c := p.chance()
		p.Error = math.Sqrt(c*(1-c)/float64(p.Jobs)) * (p.Terms.Reward + p.Terms.Stake) / p.Terms.Saved
		if p.Error > 0 {
			out.Worst = math.Max(out.Worst, math.Abs(p.Mean-p.Theory)/p.Error)
		}
	}
	return out
}

// settings are points on both sides of the rule: one number of each row is changed at a time.
func settings() []Point {
	var out []Point
	provider := func(c Check, t Terms) { out = append(out, Point{Who: "provider", Check: c, Terms: t}) }
	base := Check{Intervals: 20, SamplePPM: 100_000, Validators: 2, Population: 24, Colluding: 4}
	for _, stake := range []float64{0, 2, 4, 6, 8, 11, 15, 20} {
		provider(base, Terms{Reward: 1.2, Stake: stake, Saved: 1})
	}
	for _, ppm := range []uint32{0, 20_000, 50_000, 200_000, 400_000} {
		c := base
		c.SamplePPM = ppm
		provider(c, Terms{Reward: 1.2, Stake: 6, Saved: 1})
	}
	for _, colluding := range []int{0, 8, 14, 20} {
		c := base
		c.Colluding = colluding
		provider(c, Terms{Reward: 1.2, Stake: 8, Saved: 1})
	}
	for _, n := range []int{1, 3, 4} {
		c := base
		c.Validators = n
		provider(c, Terms{Reward: 1.2, Stake: 6, Saved: 1})
	}
	for _, stake := range []float64{0, 4, 9, 14, 19, 29, 39} {
		out = append(out, Point{Who: "validator", Check: base, Canary: 50_000, Terms: Terms{Reward: 1.1, Stake: stake, Saved: 1}})
	}
	for _, ppm := range []uint32{0, 20_000, 100_000, 150_000} {
		out = append(out, Point{Who: "validator", Check: base, Canary: ppm, Terms: Terms{Reward: 1.1, Stake: 19, Saved: 1}})
	}
	for i := range out {
		p := &out[i]
		p.Ratio, p.Theory = p.Terms.Ratio(p.chance()), p.Terms.Gain(p.chance())/p.Terms.Saved
	}
	return out
}

// chance is the theory's chance of being caught.
func (p *Point) chance() float64 {
	if p.Who == "validator" {
		return float64(p.Canary) / 1e6
	}
	return p.Check.Caught()
}

// once is one job or check: whether the cheat is caught.
func (p *Point) once(seed uint64, point, i int) bool {
	h := func(what string, n uint64) msg.Hash {
		b := append([]byte("gwrun simulation 1 "+what), make([]byte, 32)...)
		for k, v := range []uint64{seed, uint64(point), uint64(i), n} {
			binary.BigEndian.PutUint64(b[len(b)-32+8*k:], v)
		}
		return sha256.Sum256(b)
	}
	number := func(what string) uint64 { s := h(what, 0); return binary.BigEndian.Uint64(s[:]) }
	if p.Who == "validator" {
		// A canary is a check whose right answer, invalid, is known; nothing tells it from any other.
		return number("canary")%1_000_000 < uint64(p.Canary)
	}
	c := &p.Check
	beacon := h("beacon", 0)
	lie := number("lie") % c.Intervals
	for _, v := range draw(beacon, c) {
		if v < c.Colluding {
			continue
		}
		for _, k := range settle.Sample(beacon, account(v), c.Intervals, c.SamplePPM) {
			if k == lie {
				return true
			}
		}
	}
	return false
}

func account(i int) (a msg.Account) {
	binary.BigEndian.PutUint64(a[:], uint64(i)+1)
	return a
}

// draw gives the validators that are drawn, each of weight 1.
func draw(beacon msg.Hash, c *Check) []int {
	weights := make([]uint64, c.Population)
	for i := range weights {
		weights[i] = 1
	}
	return settle.Ranked(beacon, "draw", weights, c.Validators)
}
