package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/discovery"
	"github.com/gwrun/gwrun/host/doctor"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// doctorResult is what doctor prints with --json.
type doctorResult struct {
	Well     bool             `json:"ok"`
	Findings []doctor.Finding `json:"findings"`
}

// examined are the flags of a node that doctor has, too: they say what is looked at.
var examined = []string{"data", "listen", "key", "passphrase-file", "quota", "device", "lowering"}

type doctorOptions struct {
	role      string
	config    string
	peers     []string
	bootstrap []string
	jobs      int
	memory    uint64
	chain     chainFlags
}

func newDoctorCmd(g *globals) *cobra.Command {
	var o doctorOptions
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "look whether a node would do well here, and say what to do if not",
		Long: `Doctor looks at this machine as a node would use it, a line for each thing: ok, or what is wrong and what to do about it.

  device   opens, and is exact: the probe is run on it, now
  memory   there is as much as --jobs and --memory promise
  disk     takes writes and keeps them, has room, and the quota fits
  key      is there or will be made, only its owner can read it, its passphrase opens it
  clock    is within two seconds of most peers' (--peers), or else the kernel says that something keeps it right
  port     can be listened on, or this very node is there; with --peers, others reach it
  chain    (--rpc) is there and goes on; the account has coins for gas, and a stake

It looks at the settings of --config, as the verb of --role reads them, and at the flags given here. It changes nothing. With
--peers it takes the node's place on its port for a few seconds (gwrun netcheck says more): stop the node first.

Exit status 0 says that all is well: what nobody said how to check is shown with a -, and is no fault.`,
		Annotations: exitStatus(exitUnavailable),
		Example: `  gwrun doctor
  gwrun doctor --config /etc/gwrun/host.toml --peers a.example:4433,b.example:4433
  gwrun doctor --role validate --device gpu0 --json`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, args []string) error {
			parts, err := o.parts(cmd, g)
			if err != nil {
				return err
			}
			r := doctorResult{Findings: []doctor.Finding{}}
			r.Findings, r.Well = doctor.Examine(cmd.Context(), parts, func(f doctor.Finding) {
				if !g.json {
					printFinding(g.stdout, &f)
				}
			})
			if g.json {
				if err := g.print(r, func(io.Writer) {}); err != nil {
					return err
				}
			}
			if !r.Well {
				return &exitError{code: exitUnavailable, quiet: true, err: errors.New("not all is well")}
			}
			return nil
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.role, "role", "host", "the `VERB` that the node is: host or validate")
	fl.StringVar(&o.config, "config", "", "`FILE` of settings that the node is started with")
	fl.StringSliceVar(&o.peers, "peers", nil, "nodes to compare the clock with, and to try whether they reach this machine, `HOST:PORT,...`")
	fl.StringSliceVar(&o.bootstrap, "bootstrap", nil, "records of such nodes, `enr:...,...`")
	fl.IntVar(&o.jobs, "jobs", 2, "jobs to run at once")
	fl.Uint64Var(&o.memory, "memory", 4<<30, "most `BYTES` of one job")
	o.chain.add(cmd)
	like := newHostCmd(g)
	for _, name := range examined {
		fl.AddFlag(like.Flags().Lookup(name))
	}
	return cmd
}

func printFinding(w io.Writer, f *doctor.Finding) {
	mark := map[doctor.State]string{doctor.OK: "ok", doctor.Bad: "BAD", doctor.Unchecked: "-"}[f.State]
	fmt.Fprintf(w, "%-8s %-4s %s\n", f.Name, mark, printable(f.Text))
	if f.Remedy != "" {
		fmt.Fprintf(w, "%-8s      %s\n", "", "-> "+printable(f.Remedy))
	}
}

// node gives the verb that the node is started with, and its settings in it: those of the file, and over them those given to doctor.
func (o *doctorOptions) node(cmd *cobra.Command, g *globals) (*cobra.Command, error) {
	var node *cobra.Command
	switch o.role {
	case "host":
		node = newHostCmd(g)
	case "validate":
		node = newValidateCmd(g)
	default:
		return nil, usagef("--role %q, want host or validate", o.role)
	}
	node.Flags().AddFlagSet(cmd.InheritedFlags())
	for _, name := range append([]string{"jobs", "memory"}, examined...) {
		if f := cmd.Flags().Lookup(name); f.Changed && node.Flags().Lookup(name) != nil {
			if err := node.Flags().Set(name, f.Value.String()); err != nil {
				return nil, usagef("--%s: %v", name, err)
			}
		}
	}
	if o.config == "" {
		return node, nil
	}
	text, err := readConfig(o.config)
	if err != nil {
		return nil, err
	}
	return node, configure(node, o.config, text)
}

// parts are what is looked at.
func (o *doctorOptions) parts(cmd *cobra.Command, g *globals) ([]doctor.Part, error) {
	node, err := o.node(cmd, g)
	if err != nil {
		return nil, err
	}
	value := func(name string) string { return node.Flags().Lookup(name).Value.String() }
	f := nodeFlags{role: o.role, data: value("data"), listen: value("listen"), key: keyFlags{file: value("key"), passphraseFile: value("passphrase-file")}}
	if err := f.quota.Set(value("quota")); err != nil {
		return nil, err
	}
	dir, err := f.dir(g)
	if err != nil {
		return nil, err
	}
	key := f.key.file
	if key == "" {
		key = filepath.Join(dir, "key.json")
	}
	jobs, memory := 1, uint64(4<<30) // what a validator replays with
	if o.role == "host" {
		if jobs, err = node.Flags().GetInt("jobs"); err == nil {
			memory, err = node.Flags().GetUint64("memory")
		}
		if err != nil {
			return nil, err
		}
	}
	d := deviceFlags{id: value("device"), lowering: value("lowering")}
	parts := []doctor.Part{
		{Name: "device", Look: doctor.Device(d.id, func(ctx context.Context) (kernels.Device, error) { return d.open(ctx) })},
		{Name: "memory", Look: doctor.Memory(jobs, memory)},
		{Name: "disk", Look: doctor.Disk(dir, uint64(f.quota))},
		{Name: "key", Look: doctor.Key(key, f.key.file == "", func() (string, error) { return f.key.passphrase(g, "passphrase of "+key, false) })},
	}
	var own *msg.Account
	if a, _, err := lookAt(key); err == nil {
		own = &a
	}
	chain := doctor.Part{Name: "chain", Look: doctor.NoChain}
	if o.chain.url() != "" {
		chain.Look = doctor.Chain(func(ctx context.Context) (*evm.Contracts, func(), error) { return o.chain.open(ctx, g, nil) }, own, o.role)
	}
	parts = append(parts, chain)
	if len(o.peers)+len(o.bootstrap) == 0 {
		return append(parts, doctor.Part{Name: "clock", Look: doctor.Clock()}, doctor.Part{Name: "port", Look: doctor.Port(f.listen, own)}), nil
	}
	targets, err := netcheckTargets(o.peers, o.bootstrap)
	if err != nil {
		return nil, err
	}
	id, err := identity.New() // whose machine it is, is nobody's business
	if err != nil {
		return nil, err
	}
	router := value("nat")
	if router == "" {
		router = "none"
	}
	return append(parts, doctor.Part{Name: "clock", Look: doctor.Network(discovery.CheckConfig{Identity: id, Listen: f.listen, Targets: targets, NAT: router})}), nil
}
