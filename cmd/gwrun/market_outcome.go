package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/proto/msg"
)

// marketOutcome is what a market with a cheat and a lazy validator in it comes to: who did what for how much, and what everybody had before and
// has after.
type marketOutcome struct {
	Jobs     []demoJob     `json:"jobs"`
	Balances []demoBalance `json:"balances"`
	Supply   [2]msg.Amount `json:"supply"` // before and after
	Burnt    msg.Amount    `json:"burnt"`
	Cheat    string        `json:"cheat"`
	Lazy     string        `json:"lazy"`
}

type demoJob struct {
	Wanted    string     `json:"wanted"`
	Provider  string     `json:"provider"`
	Price     msg.Amount `json:"price"`
	Accepted  bool       `json:"accepted"`
	Reason    string     `json:"reason"`
	Validator []string   `json:"validators"`
}

type demoBalance struct {
	Name   string     `json:"name"`
	Part   string     `json:"part"`
	Before msg.Amount `json:"before"`
	After  msg.Amount `json:"after"`
	// Slashed is what is gone of its stake.
	Slashed msg.Amount `json:"slashed"`
	Jailed  bool       `json:"jailed"`
}

// The parts that are played, by their names.
const (
	demoCheatNode = "provider-1"
	demoLazyNode  = "validator-1"
)

// demoPrices are what the providers want for a training, in tokens. The cheat is the cheapest: it does not mean to do the work.
var demoPrices = []uint64{2, 3, 4, 5}

// demoWorkers are how many threads each computes with: the two that want more have the larger machines.
var demoWorkers = []int{1, 1, 2, 2}

func demoPart(name string) string {
	for i, p := range demoPrices {
		if name == fmt.Sprintf("provider-%d", i+1) {
			part := fmt.Sprintf("wants %d a training", p)
			if name == demoCheatNode {
				part += ", flips a bit"
			}
			return part
		}
	}
	switch {
	case name == demoLazyNode:
		return "says valid without looking"
	case strings.HasPrefix(name, "consumer"):
		return "buys"
	}
	return ""
}

// take takes in what everybody had before and has now, in the same order.
func (r *marketOutcome) take(before, after []devnet.Balance, was, is msg.Amount) {
	r.Supply, r.Burnt, r.Balances = [2]msg.Amount{was, is}, was.Sub(is), nil
	for i, b := range after {
		r.Balances = append(r.Balances, demoBalance{Name: b.Name, Part: demoPart(b.Name), Before: before[i].Sum, After: b.Sum,
			Slashed: before[i].Staked.Sub(b.Staked), Jailed: b.Jailed})
	}
}

func differs(format string, a ...any) error {
	return &exitError{code: exitInvalid, err: fmt.Errorf(format, a...)}
}

// trained makes it an error where not so many results are accepted, or one is of the cheat's.
func (r *marketOutcome) trained(results int) error {
	accepted := 0
	for _, j := range r.Jobs {
		if j.Accepted == (j.Provider == r.Cheat) {
			return differs("the job of %s: accepted is %v: %s", j.Provider, j.Accepted, j.Reason)
		}
		if j.Accepted {
			accepted++
		}
	}
	if accepted != results {
		return differs("%d trainings are accepted, want %d", accepted, results)
	}
	return nil
}

// judge makes an outcome that is not what it has to be an error: so many results accepted, none of them the cheat's; the cheat and the lazy
// validator slashed, everybody else paid, and no token anywhere that is not accounted for.
func (r *marketOutcome) judge(results int) error {
	if err := r.trained(results); err != nil {
		return err
	}
	earned := map[string]msg.Amount{}
	for _, j := range r.Jobs {
		if j.Accepted {
			earned[j.Provider] = earned[j.Provider].Add(j.Price)
		}
	}
	before, after := msg.Amount{}, msg.Amount{}
	for _, b := range r.Balances {
		before, after = before.Add(b.Before), after.Add(b.After)
		guilty := b.Name == r.Cheat || b.Name == r.Lazy
		switch {
		case guilty && (!b.Jailed || b.Slashed.IsZero() || b.After.Cmp(b.Before) >= 0):
			return differs("%s was not convicted: it had %s and has %s", b.Name, b.Before, b.After)
		case !guilty && (b.Jailed || !b.Slashed.IsZero()):
			return differs("%s is honest, and was slashed: %s are gone of its stake", b.Name, b.Slashed)
		case guilty || strings.HasPrefix(b.Name, "consumer"):
		case b.After.Cmp(b.Before.Add(earned[b.Name])) < 0, strings.HasPrefix(b.Name, "validator") && b.After == b.Before:
			return differs("%s is honest, had %s, earned %s besides its fees, and has %s", b.Name, b.Before, earned[b.Name], b.After)
		}
	}
	if before != r.Supply[0] || after != r.Supply[1] {
		return differs("the balances come to %s before and %s after, the supply is %s and %s", before, after, r.Supply[0], r.Supply[1])
	}
	if rest := r.Balances[len(r.Balances)-1]; !rest.Before.IsZero() || !rest.After.IsZero() {
		return differs("contracts hold %s before and %s after that is nobody's", rest.Before, rest.After)
	}
	return nil
}

func (r *marketOutcome) text(w io.Writer) {
	fmt.Fprintln(w)
	paid := map[string]msg.Amount{}
	for _, j := range r.Jobs {
		verdict := "accepted"
		if j.Accepted {
			paid[j.Provider] = paid[j.Provider].Add(j.Price)
		} else {
			verdict = "REJECTED"
		}
		fmt.Fprintf(w, "%-10s  %2s GWR  %s: %s\n", j.Provider, j.Price, verdict, j.Reason)
	}
	rows := [][5]string{{"", "", "before", "after", "change"}}
	before, after := msg.Amount{}, r.Burnt
	for _, b := range r.Balances {
		note := b.Part
		if n := paid[b.Name]; !n.IsZero() {
			note += fmt.Sprintf(", was paid %s", n)
		}
		if b.Jailed {
			note += fmt.Sprintf(", lost %s of its stake", b.Slashed)
		}
		rows = append(rows, [5]string{b.Name, note, b.Before.String(), b.After.String(), change(b.Before, b.After)})
		before, after = before.Add(b.Before), after.Add(b.After)
	}
	rows = append(rows, [5]string{"burnt", "", "0", r.Burnt.String(), change(msg.Amount{}, r.Burnt)},
		[5]string{"sum", "", before.String(), after.String(), change(before, after)})
	fmt.Fprintln(w)
	table(w, rows)
	fmt.Fprintln(w, "\nWho judges is paid fees. Of what is slashed one share is the accuser's, one the treasury's, and the rest is burnt.")
}

// table writes rows of a name, a note and three sums, with the points of the sums below each other.
func table(w io.Writer, rows [][5]string) {
	var left, right [5]int
	cut := func(s string) (string, string) {
		whole, part, _ := strings.Cut(s, ".")
		if part != "" {
			part = "." + part
		}
		return whole, part
	}
	for _, row := range rows {
		for i, s := range row {
			whole, part := cut(s)
			if i < 2 {
				whole = s
			}
			left[i], right[i] = max(left[i], len(whole)), max(right[i], len(part))
		}
	}
	for n, row := range rows {
		line := fmt.Sprintf("%-*s  %-*s", left[0], row[0], left[1], row[1])
		for i := 2; i < 5; i++ {
			whole, part := cut(row[i])
			if n == 0 { // the heads end where the columns do
				line += fmt.Sprintf("  %*s", left[i]+right[i], row[i])
				continue
			}
			line += fmt.Sprintf("  %*s%-*s", left[i], whole, right[i], part)
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// change is a difference with its sign.
func change(before, after msg.Amount) string {
	switch after.Cmp(before) {
	case 0:
		return "0"
	case 1:
		return "+" + after.Sub(before).String()
	}
	return "-" + before.Sub(after).String()
}
