package shards

import (
	"maps"
	"testing"
)

func TestPlace(t *testing.T) {
	free := func(rate float64) lane { return lane{free: true, rate: rate} }
	for _, c := range []struct {
		name  string
		work  []float64
		lanes []lane
		want  map[int]int // task by lane
	}{
		{"nobody is known: one each", []float64{1, 1, 1, 1, 1}, []lane{free(0), free(0), free(0)}, map[int]int{0: 0, 1: 1, 2: 2}},
		{"fewer tasks than lanes", []float64{1}, []lane{free(0), free(0)}, map[int]int{0: 0}},
		{"the fast one first", []float64{10}, []lane{free(1), free(5)}, map[int]int{1: 0}},
		{"the fast one has all before the slow one has one", []float64{10, 10, 10}, []lane{free(1), free(4)}, map[int]int{1: 0}},
		{"the slow one helps", []float64{10, 10, 10, 10}, []lane{free(1), free(3.5)}, map[int]int{0: 3, 1: 0}},
		{"it waits for a fast one that is nearly free", []float64{10}, []lane{free(1), {until: 2, rate: 5}}, map[int]int{}},
		{"it does not wait for long", []float64{10}, []lane{free(1), {until: 9, rate: 5}}, map[int]int{0: 0}},
		{"the longest to the fastest", []float64{1, 9}, []lane{free(1), free(2)}, map[int]int{1: 1, 0: 0}},
		{"a stranger counts as one of the others", []float64{10, 10}, []lane{free(4), free(0)}, map[int]int{0: 0, 1: 1}},
		{"no lanes", []float64{1}, nil, map[int]int{}},
	} {
		if got := place(c.work, c.lanes); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestAgain(t *testing.T) {
	lanes := []lane{{free: true, rate: 10}, {rate: 10}, {rate: 10}, {free: true, rate: 20}}
	for _, c := range []struct {
		name  string
		tasks []running
		want  map[int]int // task by lane
	}{
		{"in time", []running{{lane: 1, work: 100, elapsed: 5, spare: true}}, map[int]int{}},
		{"out of reach", []running{{lane: 1, work: 100, elapsed: 1, lost: true, spare: true}}, map[int]int{3: 0}},
		{"out of reach, and nothing is known", []running{{lane: 1, lost: true, spare: true}}, map[int]int{3: 0}},
		{"long past its time", []running{{lane: 1, work: 100, elapsed: 40, spare: true}}, map[int]int{3: 0}},
		{"past its time by little", []running{{lane: 1, work: 100, elapsed: 12, spare: true}}, map[int]int{}},
		{"it says that it is slow", []running{{lane: 1, work: 100, used: 10, elapsed: 5, spare: true}}, map[int]int{3: 0}},
		{"it has only just begun", []running{{lane: 1, work: 100, used: 1, elapsed: 3, spare: true}}, map[int]int{}},
		{"it says that it is nearly done, for long", []running{{lane: 1, work: 100, used: 99, elapsed: 60, spare: true}}, map[int]int{3: 0}},
		{"it says that it is done, for long", []running{{lane: 1, work: 100, used: 200, elapsed: 60, spare: true}}, map[int]int{3: 0}},
		{"it is being checked", []running{{lane: 1, work: 100, elapsed: 5, spare: true, checking: true, check: 3}}, map[int]int{}},
		{"its checks do not end", []running{{lane: 1, work: 100, elapsed: 25, spare: true, checking: true, check: 3}}, map[int]int{3: 0}},
		{"they do not end, and it was with the fastest", []running{{lane: 3, work: 100, elapsed: 99, spare: true, checking: true, check: 3}}, map[int]int{0: 0}},
		{"two work on it already", []running{{lane: 1, work: 100, elapsed: 60}}, map[int]int{}},
		{"nothing is known of its length", []running{{lane: 1, elapsed: 60, spare: true}}, map[int]int{}},
		{"the worst first", []running{{lane: 1, work: 100, elapsed: 60, spare: true}, {lane: 2, work: 100, elapsed: 90, spare: true}}, map[int]int{3: 1, 0: 0}},
	} {
		if got := again(c.tasks, lanes); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestLearned(t *testing.T) {
	if got := learned(0, 8); got != 8 {
		t.Errorf("the first measurement gives %v, want 8", got)
	}
	if got := learned(4, 8); got != 6 {
		t.Errorf("4, then 8 gives %v, want 6", got)
	}
}
