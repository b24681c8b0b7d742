package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/faultnet"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/msg"
)

// devnetResult is what devnet prints with --json once the network is up.
type devnetResult struct {
	Peers      []string     `json:"peers"` // for gwrun submit --peers
	Providers  []devnetNode `json:"providers"`
	Validators []devnetNode `json:"validators"`
	Record     string       `json:"record,omitempty"` // for gwrun submit --bootstrap
	// Chain is the URL of its chain, Contracts the file that says where the market's contracts are; empty without one.
	Chain     string `json:"chain,omitempty"`
	Contracts string `json:"contracts,omitempty"`
}

type devnetNode struct {
	Name    string      `json:"name"`
	Address string      `json:"address"`
	Account msg.Account `json:"account"`
	Plays   string      `json:"plays,omitempty"` // the strategy by which it misbehaves
}

func newDevnetCmd(g *globals) *cobra.Command {
	var d deviceFlags
	var cfg devnet.Config
	var faults []string
	var network string
	var money devnetMoney
	cmd := &cobra.Command{
		Use:   "devnet",
		Short: "run a whole network in this process",
		Long: `Devnet starts providers and validators in one process, each with its own key and store, on free loopback ports, and
prints their addresses. It runs until it is interrupted; what it kept is gone then, unless --data was given.`,
		Annotations: exitStatus(exitUnavailable, exitDiskFull),
		Example:     "  gwrun devnet --providers 3 --validators 2\n  gwrun devnet --fault 2:step=40,bit=3 --json\n  gwrun devnet --validators 5 --fault provider-2:withhold-page",
		Args:        exactArgs(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if slices.Contains(faults, "list") {
				return listFaults(g)
			}
			if cfg.Providers < 0 || cfg.Providers > 64 || cfg.Validators < 0 || cfg.Validators > 64 || cfg.Providers+cfg.Validators == 0 {
				return usagef("--providers and --validators want 0 to 64, and one node at least")
			}
			if err := readFaults(&cfg, faults); err != nil {
				return err
			}
			if network != "" && cfg.Find {
				return usagef("--discover finds nodes where they are, not behind the bad network of --net")
			}
			if network != "" {
				f, err := faultnet.Parse(network)
				if err != nil {
					return usagef("%v", err)
				}
				cfg.Net = &f
			}
			cfg.Log = g.logger(slog.LevelInfo)
			if err := money.apply(g, &cfg); err != nil {
				return err
			}
			net, err := startDevnet(cmd.Context(), &d, cfg)
			if err != nil {
				return err
			}
			defer stopDevnet(g, net)
			r := devnetResult{Peers: net.Peers(), Providers: []devnetNode{}, Validators: []devnetNode{}, Record: net.Record}
			list := func(to *[]devnetNode, from []*node.Node) {
				for _, n := range from {
					x := devnetNode{Name: net.Name(net.Addr(n)), Address: net.Addr(n), Account: n.Account()}
					if p := cfg.Plays[x.Name]; p != nil {
						x.Plays = p.String()
					}
					*to = append(*to, x)
				}
			}
			if net.Ledger != nil {
				r.Chain, r.Contracts = net.Ledger.Chain.URL(), net.Ledger.File()
				if path, err := filepath.Abs(r.Contracts); err == nil {
					r.Contracts = path // for terminals in other folders
				}
			}
			list(&r.Providers, net.Providers)
			list(&r.Validators, net.Validators)
			err = g.print(r, func(w io.Writer) {
				for _, n := range append(r.Providers, r.Validators...) {
					line := fmt.Sprintf("%-12s %s  %s", n.Name, n.Address, n.Account)
					if n.Plays != "" {
						line += "  plays " + n.Plays
					}
					fmt.Fprintln(w, line)
				}
				pay := ""
				if r.Chain != "" {
					fmt.Fprintf(w, "chain        %s\ncontracts    %s\nexport %s=%s %s=%s\n", r.Chain, r.Contracts, rpcVar, r.Chain, contractsVar, quoted(r.Contracts))
					pay = " --max-price 10"
				}
				fmt.Fprintf(w, "gwrun submit JOB%s --peers %s\n", pay, strings.Join(r.Peers, ","))
				if r.Record != "" {
					fmt.Fprintf(w, "gwrun submit JOB --bootstrap %s\n", r.Record)
				}
			})
			if err != nil {
				return err
			}
			<-cmd.Context().Done()
			return nil
		},
	}
	d.add(cmd)
	f := cmd.Flags()
	f.IntVar(&cfg.Providers, "providers", 3, "how many providers")
	f.IntVar(&cfg.Validators, "validators", 2, "how many validators")
	f.IntVar(&cfg.MaxJobs, "jobs", 1, "jobs that a provider runs at once")
	f.BoolVar(&cfg.Find, "discover", false, "have the nodes find each other as on a real network, and print a record for gwrun submit --bootstrap")
	f.StringVar(&cfg.Dir, "data", "", "keep the stores in this `DIR` (default a temporary one)")
	f.StringArrayVar(&faults, "fault", nil, faultHelp)
	f.StringVar(&network, "net", "", "a bad network between the nodes: `FAULTS` such as loss=0.05,duplicate=0.01,reorder=0.1,corrupt=0.001,delay=20ms,jitter=5ms,rate=1000000")
	f.Uint64Var(&cfg.NetSeed, "net-seed", 1, "what --net draws from")
	money.add(cmd)
	return cmd
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool {
		return !strings.ContainsRune("/._-+@%", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}

// startDevnet starts a network whose nodes compute on the device of the flags.
func startDevnet(ctx context.Context, d *deviceFlags, cfg devnet.Config) (*devnet.Network, error) {
	var c node.Config
	if err := d.computes(ctx, &c); err != nil {
		return nil, err
	}
	cfg.OpenDevice, cfg.Device, cfg.Version = c.OpenDevice, c.Device, version
	return devnet.Start(cfg)
}

func stopDevnet(g *globals, net *devnet.Network) {
	if err := net.Close(context.Background()); err != nil {
		g.logf("stopping the network: %v", err)
	}
}
