package free

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/msg"
)

// Settle says how a job ended, or with settle.ErrNotYet how it stands.
func (t *together) Settle(_ context.Context, job msg.Hash) (*settle.Outcome, error) {
	g, err := t.load(job)
	if err != nil {
		return nil, err
	}
	out, over, err := t.outcome(g)
	if err != nil {
		return nil, err
	}
	if err := t.earn(g, t.s.marks(g, out, over)); err != nil {
		return nil, err
	}
	if !over {
		return out, fmt.Errorf("job %s: %s: %w", job, out.Reason, settle.ErrNotYet)
	}
	return out, nil
}

// outcome says how a job ended, or how it stands.
func (t *together) outcome(g *game) (_ *settle.Outcome, over bool, _ error) {
	out := &settle.Outcome{Job: g.job, Provider: g.Provider, Jury: []msg.Account{}, Verdicts: []msg.Verdict{}, Rulings: g.Rulings}
	said, err := t.said(g, out)
	if err != nil {
		return nil, false, err
	}
	if g.seed() != nil {
		out.Jury = append(out.Jury, settle.Jury(*g.seed(), &g.spec, g.receipt, g.out)...)
	}
	end := func(accepted bool, guilty *msg.Account, format string, a ...any) (*settle.Outcome, bool, error) {
		out.Accepted, out.Guilty, out.Reason = accepted, guilty, fmt.Sprintf(format, a...)
		return out, true, nil
	}
	if r := g.ruling(func(r *settle.Ruling) bool { return r.Against(g.Provider) }); r != nil {
		return end(false, &g.record.Provider, "proven wrong: %s", r.Reason)
	}
	if r := g.ruling(func(r *settle.Ruling) bool { return r.Void }); r != nil {
		var guilty *msg.Account
		if len(r.Guilty) > 0 {
			guilty = &r.Guilty[0]
		}
		return end(false, guilty, "void: %s", r.Reason)
	}
	if r := g.ruling(func(r *settle.Ruling) bool { return r.Against(g.spec.Consumer) }); r != nil {
		return end(true, &g.spec.Consumer, "by default: %s", r.Reason)
	}
	now := t.s.now()
	switch {
	case g.receipt == nil:
		if now.After(time.Unix(g.spec.Deadline, 0)) {
			return end(false, nil, "the deadline passed without a receipt")
		}
		out.Reason = "there is no receipt"
		return out, false, nil
	case g.Secret == nil:
		out.Reason = "the consumer owes its share of the beacon"
	case g.spec.Policy.Validators == 0:
		return end(true, nil, "unchecked: the job asks for no validator")
	default:
		valid, text := 0, ""
		for _, a := range out.Jury {
			switch v, ok := said[a]; {
			case ok && v == msg.Valid:
				valid++
			case ok && v == msg.Invalid:
				text += fmt.Sprintf(", %s found an interval invalid, which was not proven", a)
			case ok:
				text += fmt.Sprintf(", %s could not check an interval", a)
			default:
				text += fmt.Sprintf(", %s gave no verdict", a)
			}
		}
		wanted := int(g.spec.Policy.Validators)
		if valid == wanted {
			return end(true, nil, "%d validators found every interval they drew valid", valid)
		}
		if len(out.Jury) < wanted {
			text += fmt.Sprintf(", %d more could not be drawn from the %d candidates", wanted-len(out.Jury), len(g.spec.Policy.Candidates))
		}
		out.Reason = fmt.Sprintf("%d of %d validators found every interval they drew valid%s", valid, wanted, text)
	}
	if closes := settle.Closes(&g.spec, g.receipt); now.After(closes) {
		return end(false, nil, "the window closed at %s: %s", closes.UTC().Format(time.RFC3339), out.Reason)
	}
	return out, false, nil
}

// out says of jurors whether something was proven against them, or their verdicts are not what they had to give.
func (g *game) out(a msg.Account) bool {
	if slices.ContainsFunc(g.Opened, func(o opened) bool { return o.By == a && o.Short != "" }) {
		return true
	}
	return slices.ContainsFunc(g.Rulings, func(r settle.Ruling) bool { return r.Against(a) })
}

func (g *game) ruling(is func(*settle.Ruling) bool) *settle.Ruling {
	for i := range g.Rulings {
		if is(&g.Rulings[i]) {
			return &g.Rulings[i]
		}
	}
	return nil
}

// said gives the worst that each validator found, and fills in the verdicts of an outcome.
func (t *together) said(g *game, out *settle.Outcome) (map[msg.Account]msg.Value, error) {
	said := map[msg.Account]msg.Value{}
	for i := range g.Opened {
		a := g.Opened[i].By
		if g.Opened[i].Short != "" {
			continue
		}
		o, err := t.read(g, &g.Opened[i])
		if err != nil {
			return nil, err
		}
		said[a] = msg.Valid
		for _, signed := range o.Verdicts {
			var v msg.Verdict
			if err := msg.Decode(signed.Body, &v); err != nil {
				return nil, err
			}
			out.Verdicts = append(out.Verdicts, v)
			if v.Value == msg.Invalid || v.Value == msg.Unavailable && said[a] == msg.Valid {
				said[a] = v.Value
			}
		}
	}
	return said, nil
}
