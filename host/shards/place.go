package shards

import (
	"cmp"
	"slices"
)

// The functions here decide who gets what from numbers alone: seconds, and work in units of gas.

// lane is a provider as placing sees it.
type lane struct {
	free  bool    // it has nothing to do
	until float64 // seconds until it has nothing to do
	rate  float64 // units a second; 0 is not known
}

// rates fills in what is not known by the mean of what is: a stranger is tried, and then it is known.
func rates(lanes []lane) []float64 {
	sum, known := 0.0, 0
	for _, l := range lanes {
		if l.rate > 0 {
			sum += l.rate
			known++
		}
	}
	mean := 1.0
	if known > 0 {
		mean = sum / float64(known)
	}
	out := make([]float64, len(lanes))
	for i, l := range lanes {
		if out[i] = l.rate; !(l.rate > 0) {
			out[i] = mean
		}
	}
	return out
}

// place gives each waiting task to the lane that would finish it first, the longest task first (LPT, Graham 1969), and returns those
// that a free lane begins now: task by lane. A task that a busy lane will have done before any free one waits for it.
func place(work []float64, lanes []lane) map[int]int {
	begin := map[int]int{}
	until, rate := make([]float64, len(lanes)), rates(lanes)
	for i, l := range lanes {
		if until[i] = l.until; l.free {
			until[i] = 0
		}
	}
	order := make([]int, len(work))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(work[b], work[a]) })
	for _, task := range order {
		best, at := -1, 0.0
		for i := range lanes {
			if end := until[i] + work[task]/rate[i]; best < 0 || end < at {
				best, at = i, end
			}
		}
		if best < 0 {
			break
		}
		if _, taken := begin[best]; lanes[best].free && !taken {
			begin[best] = task
		}
		until[best] = at
	}
	return begin
}

// running is a task that somebody works on.
type running struct {
	lane    int
	work    float64 // in all
	used    float64 // of work, as the provider says; 0 is nothing said
	elapsed float64 // seconds
	lost    bool    // the provider is out of reach
	spare   bool    // nobody else works on it too
	// checking says that the work is done, elapsed seconds ago, and that its validators are at it, which takes them about check seconds.
	checking bool
	check    float64
}

// left is how many seconds a running task will take yet. What a provider says of its progress is taken only where it makes the
// time longer than its past speed would: who is past its time and says that it is nearly done is behind all the same. Nor is it taken
// before a tenth is done, since to begin takes time and no gas.
func (r *running) left(rate float64) float64 {
	total := r.work / rate
	left := total - r.elapsed
	if left < 0 {
		left = r.elapsed - total // late by so much: no sign that it is not as late again
	}
	if r.used >= r.work/10 && r.used < r.work {
		left = max(left, (r.work-r.used)*r.elapsed/r.used)
	}
	return left
}

const (
	// straggles is how many times longer than a free lane a task must take yet, to be given to that too. Two, since half of
	// what the first has done is thrown away when the second begins at the beginning.
	straggles = 2
	// patience is what must be to gain besides, in seconds: a second copy costs its transfer and its checks.
	patience = 3
)

// again finds tasks that are worth giving to a free lane as well: what is out of reach, and what would take so much longer where it is.
// It returns indices of tasks by free lane, and none where nothing is known of how long the tasks are.
func again(tasks []running, lanes []lane) map[int]int {
	out := map[int]int{}
	rate := rates(lanes)
	free := []int{}
	for i, l := range lanes {
		if l.free {
			free = append(free, i)
		}
	}
	slices.SortStableFunc(free, func(a, b int) int { return cmp.Compare(rate[b], rate[a]) }) // the fastest first
	given := map[int]bool{}
	for _, f := range free {
		best, gain := -1, 0.0
		for i := range tasks {
			t := &tasks[i]
			if given[i] || !t.spare || t.lane == f {
				continue
			}
			g := 0.0
			switch {
			case t.lost:
				g = 1e18
			case t.checking:
				// Validators wait for what a provider owes them as long as its clock runs, which is minutes where it is dead.
				there := t.check
				if t.work > 0 {
					there += t.work / rate[f]
				}
				if late := t.elapsed - t.check; late > straggles*there+patience {
					g = late
				}
			case t.work > 0:
				there := t.work / rate[f]
				if left := t.left(rate[t.lane]); left > straggles*there+patience {
					g = left - there
				}
			}
			if g > gain {
				best, gain = i, g
			}
		}
		if best >= 0 {
			out[f] = best
			given[best] = true
		}
	}
	return out
}

// learned is a provider's speed after one more measurement: half of it is the last one, so that old ones fade.
func learned(old, measured float64) float64 {
	if !(old > 0) {
		return measured
	}
	return (old + measured) / 2
}
