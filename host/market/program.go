package market

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
)

// Bounds of a provider's own program.
const (
	programTime    = 500 * time.Millisecond
	maxAnswer      = 16 << 10
	programsAtOnce = 4
)

var programs = make(chan struct{}, programsAtOnce)

// question is what a price program reads.
type question struct {
	Job      msg.Hash         `json:"job"`
	Consumer msg.Account      `json:"consumer"`
	Program  msg.Hash         `json:"program"`
	Module   msg.Hash         `json:"module"`
	Args     []string         `json:"args"`
	Limits   msg.Limits       `json:"limits"`
	Require  msg.Requirements `json:"require"`
	Policy   askPolicy        `json:"policy"`
	Times    msg.Times        `json:"times"`
	Deadline int64            `json:"deadline"`
	PriceCap msg.Amount       `json:"price_cap"`
	Gas      uint64           `json:"gas"`
	GPUGas   uint64           `json:"gpu_gas"`
	Device   string           `json:"device"`
	Speed    uint64           `json:"speed"`
	GPUSpeed uint64           `json:"gpu_speed"`
	Wait     uint32           `json:"wait"`
	Floor    msg.Amount       `json:"floor"`
	Ceiling  msg.Amount       `json:"ceiling"`
}

// askPolicy is a job's policy without the candidates.
type askPolicy struct {
	SamplePPM  uint32 `json:"sample_ppm"`
	Validators uint32 `json:"validators"`
	Window     uint32 `json:"window"`
}

// run asks the provider's own program: the job and what is expected of it as JSON on its standard input, {"price": "0.05"} or
// {"refuse": "why"} from its standard output. It is run without a shell and with no more of this process's environment than the path and
// its home, and killed with all that it started when its time is up.
func (p *Policy) run(ctx context.Context, a Ask) (msg.Amount, error) {
	limit := p.Timeout
	if limit <= 0 {
		limit = programTime
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case programs <- struct{}{}:
		defer func() { <-programs }()
	case <-ctx.Done():
		return msg.Amount{}, &Refusal{"this provider has too many prices to make at once"}
	}
	s := a.Spec
	in, err := json.Marshal(question{Job: a.Job, Consumer: s.Consumer, Program: msg.HashOf(s.Program), Module: s.Program.Module.Root, Args: s.Program.Args, Limits: s.Program.Limits,
		Require: s.Require, Policy: askPolicy{s.Policy.SamplePPM, s.Policy.Validators, s.Policy.Window}, Times: s.Times, Deadline: s.Deadline, PriceCap: s.PriceCap,
		Gas: a.Gas, GPUGas: a.GPUGas, Device: a.Device, Speed: a.Speed, GPUSpeed: a.GPUSpeed, Wait: a.Wait, Floor: p.Floor, Ceiling: p.Ceiling})
	if err != nil {
		return msg.Amount{}, err
	}
	out := &bounded{most: maxAnswer}
	complaint := &bounded{most: maxAnswer}
	cmd := exec.CommandContext(ctx, p.Program[0], p.Program[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), out, complaint
	for _, name := range []string{"PATH", "HOME", "SystemRoot"} {
		if v, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	end := alone(cmd)
	cmd.WaitDelay = 100 * time.Millisecond
	err = cmd.Run()
	end()
	switch {
	case ctx.Err() != nil:
		return msg.Amount{}, fmt.Errorf("price program %s: not done after %s", p.Program[0], limit)
	case out.over:
		return msg.Amount{}, fmt.Errorf("price program %s: more than %d bytes of output", p.Program[0], maxAnswer)
	case err != nil:
		return msg.Amount{}, fmt.Errorf("price program %s: %w: %s", p.Program[0], err, strings.TrimSpace(complaint.kept.String()))
	}
	amount, err := parseAnswer(out.kept.Bytes())
	var no *Refusal
	if err != nil && !errors.As(err, &no) {
		err = fmt.Errorf("price program %s: %w", p.Program[0], err)
	}
	return amount, err
}

// parseAnswer reads what a price program said.
func parseAnswer(b []byte) (msg.Amount, error) {
	var a struct {
		Price  *msg.Amount `json:"price"`
		Refuse *string     `json:"refuse"`
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return msg.Amount{}, fmt.Errorf("its answer: %w; want {\"price\": \"0.05\"} or {\"refuse\": \"why\"}", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return msg.Amount{}, errors.New("its answer goes on behind the JSON object")
	}
	switch {
	case (a.Price == nil) == (a.Refuse == nil):
		return msg.Amount{}, errors.New("its answer has not one of price and refuse")
	case a.Refuse != nil:
		return msg.Amount{}, &Refusal{short("it is not taken: " + *a.Refuse)}
	}
	return *a.Price, nil
}

// bounded keeps so many bytes of what is written to it, and takes no more. The buffer is not embedded: io.Copy would find its ReadFrom, which
// has no bound.
type bounded struct {
	kept bytes.Buffer
	most int
	over bool
}

var errOver = errors.New("more output than is taken")

func (b *bounded) Write(p []byte) (int, error) {
	if b.kept.Len()+len(p) > b.most {
		b.over = true
		return 0, errOver
	}
	return b.kept.Write(p)
}
