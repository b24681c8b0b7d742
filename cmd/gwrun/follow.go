package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// follower shows submissions on stderr: on a terminal a line each that changes in place, elsewhere a line for each news and
// each tenth of the way.
type follower struct {
	g     *globals
	name  func(addr string) string // what to call a peer; nil is its address
	spell *strings.Replacer        // of accounts by names, where they have any
	quiet bool                     // only the live lines

	mu     sync.Mutex
	live   bool
	began  time.Time
	order  []msg.Hash
	rows   map[msg.Hash]*row
	drawn  int // lines that stand on the terminal
	at     time.Time
	closed bool

	// What one validator found valid of one result, one interval after the other: it is said in one line.
	judge, judged string
	valid         []uint64
}

// row is one job.
type row struct {
	addr   string
	status rpc.JobStatus
	tenth  int
	note   string
	over   bool
}

func newFollower(g *globals) *follower {
	return &follower{g: g, live: g.terminal(), began: time.Now(), rows: map[msg.Hash]*row{}}
}

func (f *follower) called(addr string) string {
	if f.name != nil {
		return f.name(addr)
	}
	return printable(addr)
}

// jobs lists the jobs that have a provider and no receipt yet.
func (f *follower) jobs() []msg.Hash {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []msg.Hash
	for _, h := range f.order {
		if !f.rows[h].over {
			out = append(out, h)
		}
	}
	return out
}

// event takes in one event of a submission.
func (f *follower) event(e consumer.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return
	}
	who := f.called(e.Provider)
	r := f.rows[e.Job]
	switch e.Kind {
	case "chosen":
		f.order = append(f.order, e.Job)
		f.rows[e.Job] = &row{addr: e.Provider, status: rpc.JobStatus{State: rpc.StateWaiting}}
		if e.From > 0 {
			f.say("job %s goes on at %s (%s) behind interval %d", shorten(e.Job), who, e.Text, e.From-1)
		} else {
			f.say("job %s goes to %s (%s)", shorten(e.Job), who, e.Text)
		}
	case "status":
		if r == nil {
			return
		}
		if e.Status.Restarts > r.status.Restarts {
			f.say("%s went on from its checkpoint after interval %d", who, e.Status.Intervals)
		}
		r.status = *e.Status
		if tenth := int(e.Status.Fraction * 10); !f.live && tenth > r.tenth {
			r.tenth = tenth
			f.say("%s %s", who, progressText(&r.status))
		}
	case "receipt":
		if r != nil {
			r.over, r.note = true, "done, trace "+e.Text[:12]
		}
		f.say("%s is done, trace root %s", who, e.Text[:12])
	case "lost":
		if r != nil {
			r.note = "out of reach, waiting"
		}
		f.say("%s is out of reach, waiting for it: %s", who, e.Text)
	case "back":
		if r != nil {
			r.note = ""
		}
		f.say("%s is back; the job goes on", who)
	case "moved":
		if r != nil {
			r.over, r.note = true, "given up"
		}
		f.say("%s is given up (%s); the job goes to another provider", who, e.Text)
	case "slow":
		f.say("%s is %s: a faster provider gets the job too", who, e.Text)
	case "refusal":
		f.say("%s does not take the job: %s", who, e.Text)
	case "peers":
		f.say("%s: %s", who, e.Text)
	case "sample":
		f.say("%s replays intervals %s of %s", who, intervalList(e.Sample), f.jobName(e.Job))
	case "promise":
		f.say("%s is bound to what it found of %s", who, f.jobName(e.Job))
	case "witness", "state":
		f.say("%s: %s", f.jobName(e.Job), e.Text)
	case "dispute":
		f.say("%s: %s", f.jobName(e.Job), e.Text)
	case "ruling":
		f.say("%s, ruling: %s", f.jobName(e.Job), e.Text)
	case "verdict":
		job := f.jobName(e.Job)
		if v := e.Verdict; v != nil && v.Value == msg.Valid && v.First == nil && v.Missing == "" {
			if f.judge != who || f.judged != job {
				f.found()
			}
			f.judge, f.judged, f.valid = who, job, append(f.valid, v.Interval)
			return
		}
		if e.Verdict == nil {
			f.say("%s gave no verdict: %s", who, e.Text)
		} else {
			f.say("%s on %s: %s", who, job, describeVerdict(e.Verdict))
		}
	}
	f.draw(e.Kind != "status")
}

// jobName calls a job by its provider.
func (f *follower) jobName(job msg.Hash) string {
	if r := f.rows[job]; r != nil {
		return f.called(r.addr)
	}
	return shorten(job)
}

func intervalList(s []uint64) string {
	if len(s) > 12 {
		return fmt.Sprintf("%d..%d (%d of them)", s[0], s[len(s)-1], len(s))
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(s), " ", ","), "[]")
}

// found says what was found valid.
func (f *follower) found() {
	if list := f.valid; len(list) > 0 {
		f.valid = nil
		word := "intervals"
		if len(list) == 1 {
			word = "interval"
		}
		f.say("%s on %s: valid, %s %s", f.judge, f.judged, word, intervalList(list))
	}
}

func (f *follower) say(format string, args ...any) {
	f.found()
	if f.quiet || f.g.quiet {
		return
	}
	f.clear()
	text := fmt.Sprintf(format, args...)
	if f.spell != nil {
		text = f.spell.Replace(text)
	}
	fmt.Fprintf(f.g.stderr, "%5.1fs  %s\n", time.Since(f.began).Seconds(), printable(text))
}

func progressText(s *rpc.JobStatus) string {
	const width = 24
	full := int(min(max(s.Fraction, 0), 1) * width)
	return fmt.Sprintf("%-8s [%s%s] %3.0f%%  step %d  %s", s.State, strings.Repeat("#", full), strings.Repeat(".", width-full),
		100*s.Fraction, s.Step, printable(s.Message))
}

// draw shows the rows anew, at most ten times a second unless now.
func (f *follower) draw(now bool) {
	if !f.live || !now && time.Since(f.at) < 100*time.Millisecond {
		return
	}
	f.at = time.Now()
	f.clear()
	columns, _, err := term.GetSize(2)
	if err != nil || columns < 20 {
		columns = 80
	}
	for _, h := range f.order {
		r := f.rows[h]
		text := fmt.Sprintf("  %-12s %s", f.called(r.addr), progressText(&r.status))
		if r.note != "" {
			text = fmt.Sprintf("  %-12s %s", f.called(r.addr), r.note)
		}
		if t := []rune(text); len(t) > columns-1 {
			text = string(t[:columns-1])
		}
		fmt.Fprintln(f.g.stderr, text)
		f.drawn++
	}
}

// clear takes the rows away.
func (f *follower) clear() {
	if f.drawn > 0 {
		fmt.Fprintf(f.g.stderr, "\x1b[%dA\x1b[J", f.drawn)
		f.drawn = 0
	}
}

// close takes the rows away for good.
func (f *follower) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.found()
	f.clear()
	f.closed = true
}
