package fault_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"

	"github.com/gwrun/gwrun/contracts"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/proto/msg"
)

// statement is what the contracts of a network told of stake that was taken and of work that was paid.
type statement struct {
	slashed []slash
	// earned is what jurors that the chain drew are due.
	earned map[msg.Account]msg.Amount
	// escrows is what was paid out of those of jobs.
	escrows msg.Amount
	// faults are what was not taken or divided as the rules say.
	faults []string
}

func (s *statement) fault(format string, a ...any) {
	s.faults = append(s.faults, fmt.Sprintf(format, a...))
}

// slash is stake that somebody lost.
type slash struct {
	who, to                 msg.Account // to: the challenger
	why                     string
	had, amount, rule       msg.Amount // rule: what it should be
	shared, treasury, burnt msg.Amount
}

// Why stake is lost.
const (
	convicted  = "convicted"
	twoWords   = "two words that exclude each other"
	annulled   = "and with an open job"
	silentSeat = "silent on a jury"
	badVoter   = "silent or wrong in a committee"
	noReceipt  = "without a receipt in time"
)

// How jobs end on the chain (contracts/src/interfaces/IMarket.sol).
const (
	endExpired   = 3
	endConvicted = 5
)

func amountOf(t testing.TB, n *big.Int) msg.Amount {
	t.Helper()
	a, err := msg.AmountOfBig(n)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// part is a share of an amount, rounded down as contracts do.
func part(t testing.TB, a msg.Amount, share, of uint64) msg.Amount {
	n := new(big.Int).Mul(a.Big(), new(big.Int).SetUint64(share))
	return amountOf(t, n.Div(n, new(big.Int).SetUint64(of)))
}

// tell reads all that the contracts of a network told so far. terms are those that jobs may have been opened with.
func tell(t testing.TB, n *devnet.Network, terms []msg.Terms) *statement {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	c, err := ethclient.Dial(n.Ledger.Chain.URL())
	must(err)
	defer c.Close()
	at := func(name string) common.Address { return common.Address(n.Ledger.Addresses.Contract[name].Address) }
	staking, err := contracts.NewStaking(at("staking"), c)
	must(err)
	disputes, err := contracts.NewDisputes(at("disputes"), c)
	must(err)
	committee, err := contracts.NewCommittee(at("committee"), c)
	must(err)
	market, err := contracts.NewMarket(at("market"), c)
	must(err)
	numbers, err := n.Ledger.At(n.Consumer).Numbers(t.Context())
	must(err)
	number := func(name string) uint64 { return numbers[name].Value }
	logs, err := c.FilterLogs(t.Context(), ethereum.FilterQuery{Addresses: []common.Address{at("staking"), at("disputes"), at("committee"), at("market")}})
	must(err)

	s := &statement{earned: map[msg.Account]msg.Amount{}}
	stake := map[msg.Account]msg.Amount{}
	guilty := map[string]bool{} // of what
	valid := map[[32]byte][]msg.Account{}
	for len(logs) > 0 {
		last := slices.IndexFunc(logs, func(l types.Log) bool { return l.TxHash != logs[0].TxHash })
		if last < 0 {
			last = len(logs)
		}
		tx := logs[:last]
		logs = logs[last:]
		var taken []slash
		for _, l := range tx {
			if e, err := staking.ParseStaked(l); err == nil {
				stake[msg.Account(e.Account)] = amountOf(t, e.Staked)
			}
			if e, err := staking.ParseSlashed(l); err == nil {
				x := slash{who: msg.Account(e.Account), to: msg.Account(e.Challenger), amount: amountOf(t, e.Amount), shared: amountOf(t, e.ToChallenger),
					treasury: amountOf(t, e.ToTreasury), burnt: amountOf(t, e.Burnt)}
				x.had = stake[x.who]
				stake[x.who] = x.had.Sub(x.amount)
				taken = append(taken, x)
			}
		}
		// because gives the reason for what was taken of somebody in this transaction.
		because := func(who common.Address, why string, by func(had msg.Amount) msg.Amount) {
			i := slices.IndexFunc(taken, func(x slash) bool { return x.who == msg.Account(who) && x.why == "" })
			if i >= 0 {
				taken[i].why, taken[i].rule = why, by(taken[i].had)
				if taken[i].had.Cmp(taken[i].rule) < 0 {
					taken[i].rule = taken[i].had
				}
			}
		}
		for _, l := range tx {
			if e, err := disputes.ParseRuled(l); err == nil && evm.Ballot(e.Answer) == evm.Guilty {
				job, who := msg.Hash(e.Job), e.Accused
				because(who, convicted, func(had msg.Amount) msg.Amount {
					// The challenger's share covers what the answer cost it.
					share := new(big.Int).SetUint64(number("ChallengerBPS"))
					cost := new(big.Int).Mul(e.Spent, big.NewInt(10_000))
					least := amountOf(t, cost.Add(cost, share).Sub(cost, big.NewInt(1)).Div(cost, share))
					if guilty[job.String()+who.String()] {
						return least
					}
					guilty[job.String()+who.String()] = true
					all := part(t, had, number("ConvictPPM"), 1_000_000)
					for _, x := range terms {
						if x.Job == job && x.Provider == msg.Account(who) {
							all = x.Bond
						}
					}
					if all.Cmp(least) < 0 {
						return least
					}
					return all
				})
			}
			if e, err := disputes.ParseEquivocated(l); err == nil {
				because(e.Guilty, twoWords, func(had msg.Amount) msg.Amount { return part(t, had, number("ConvictPPM"), 1_000_000) })
			}
			if e, err := disputes.ParseAnnulled(l); err == nil {
				for _, x := range terms {
					if x.Provider == msg.Account(e.Guilty) {
						because(e.Guilty, annulled, func(msg.Amount) msg.Amount { return x.Bond })
					}
				}
			}
			if e, err := committee.ParsePenalised(l); err == nil && e.Amount.Sign() > 0 {
				because(e.Member, badVoter, func(msg.Amount) msg.Amount { return amountOf(t, e.Amount) })
			}
			if e, err := market.ParseUnseated(l); err == nil {
				valid[e.Id] = slices.DeleteFunc(valid[e.Id], func(a msg.Account) bool { return a == msg.Account(e.Juror) })
				if e.Slashed.Sign() > 0 {
					because(e.Juror, silentSeat, func(had msg.Amount) msg.Amount { return part(t, had, number("SilentPPM"), 1_000_000) })
				}
			}
			if e, err := market.ParseVerdict(l); err == nil && e.Value == 1 {
				valid[e.Id] = append(valid[e.Id], msg.Account(e.Juror))
			}
			if e, err := market.ParseEnded(l); err == nil {
				s.escrows = s.escrows.Add(amountOf(t, e.Paid))
				for _, x := range terms {
					if x.Job != msg.Hash(e.Job) || x.Provider != msg.Account(e.Provider) {
						continue
					}
					switch e.End {
					case endExpired:
						because(e.Provider, noReceipt, func(msg.Amount) msg.Amount { return part(t, x.Bond, number("ExpirePPM"), 1_000_000) })
					case endConvicted: // its jury is paid nothing: who found it has its share
					default:
						for _, juror := range valid[e.Id] {
							s.earned[juror] = s.earned[juror].Add(x.Fee)
						}
					}
				}
			}
		}
		for _, x := range taken {
			half := part(t, x.amount, number("ChallengerBPS"), 10_000)
			if x.to == (msg.Account{}) {
				half = msg.Amount{}
			}
			if burnt := part(t, x.amount, number("BurnBPS"), 10_000); x.shared != half || x.burnt != burnt || x.treasury != x.amount.Sub(half).Sub(burnt) {
				s.fault("of %s that %s lost %s went to %s, %s to the treasury, %s was burnt", x.amount, name(n, x.who), x.shared, name(n, x.to), x.treasury, x.burnt)
			}
			if x.why == "" || x.amount != x.rule {
				s.fault("%s lost %s of %s for this: %q; by the rules it is %s", name(n, x.who), x.amount, x.had, x.why, x.rule)
			}
			s.slashed = append(s.slashed, x)
		}
	}
	return s
}

// lost reports whether somebody lost stake for a reason; "" is any.
func (s *statement) lost(who msg.Account, why string) bool {
	return slices.ContainsFunc(s.slashed, func(x slash) bool { return x.who == who && (why == "" || x.why == why) })
}

// went is what of all that was taken went to the treasury, and what was burnt.
func (s *statement) went() (treasury, burnt msg.Amount) {
	for _, x := range s.slashed {
		treasury, burnt = treasury.Add(x.treasury), burnt.Add(x.burnt)
	}
	return treasury, burnt
}

// name is what somebody is called in a network.
func name(n *devnet.Network, who msg.Account) string {
	for _, x := range slices.Concat(n.Providers, n.Validators) {
		if x.Account() == who {
			return n.Name(n.Addr(x))
		}
	}
	switch who {
	case n.Consumer.Account():
		return "consumer"
	case msg.Account{}:
		return "nobody"
	}
	return who.String()
}

// table says in a line who has how much more or less than in the beginning.
func table(list []devnet.Balance, s *statement, n *devnet.Network) string {
	var out []string
	for _, b := range list {
		if b.Name == "deployer" || b.Name == "held by contracts" {
			continue
		}
		had := gwr(begin)
		if b.Name == "treasury" {
			had = msg.Amount{}
		}
		switch b.Sum.Cmp(had) {
		case 1:
			out = append(out, fmt.Sprintf("%s +%s", b.Name, b.Sum.Sub(had)))
		case -1:
			out = append(out, fmt.Sprintf("%s -%s", b.Name, had.Sub(b.Sum)))
		}
	}
	for _, x := range s.slashed {
		out = append(out, fmt.Sprintf("[%s lost %s, %s]", name(n, x.who), x.amount, x.why))
	}
	return strings.Join(out, " ")
}
