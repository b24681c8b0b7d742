package evm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
)

// parameterNames are the governed numbers in the order of the contracts' enum P (contracts/src/interfaces/IParameters.sol).
var parameterNames = []string{
	"CollusionPPM", "SavingPPM", "MinWindow", "MaxWindow",
	"MinClock", "MaxClock", "MaxDuration", "MaxValidators",
	"SeedDelay", "VerdictBound", "DisputeBound", "SilentPPM",
	"MinStake", "UnbondDelay", "JailTime", "WithdrawNotice",
	"ChallengerBPS", "TreasuryBPS", "BurnBPS", "ConvictPPM",
	"AccuserBond", "AccuseGrace", "ClaimBlocks", "VoterFee",
	"CommitteeSize", "CommitteeDelay", "CommitteeCommit", "CommitteeReveal",
	"CommitteeSilentPPM", "BisectionWidth", "BisectionClock", "BisectionBond",
	"ExpirePPM",
}

// ParameterNames are the names of the governed numbers, in the contracts' order.
func ParameterNames() []string { return slices.Clone(parameterNames) }

// Number is a governed number with the bounds that no vote can pass. Sums of money are in 10^-9 of a token, times in seconds.
type Number struct {
	Value uint64 `json:"value"`
	Min   uint64 `json:"min"`
	Max   uint64 `json:"max"`
}

// Params is what contracts are deployed with. Times are in seconds.
type Params struct {
	Preset string `json:"preset"`
	// Cap is the most tokens there can ever be, Genesis who has how many in the beginning.
	Cap     msg.Amount                 `json:"cap"`
	Genesis map[msg.Account]msg.Amount `json:"genesis"`

	VotingDelay  uint64     `json:"voting_delay"`
	VotingPeriod uint64     `json:"voting_period"`
	Threshold    msg.Amount `json:"proposal_threshold"`
	Quorum       uint64     `json:"quorum_percent"`

	TimelockDelay uint64 `json:"timelock_delay"`
	TimelockMin   uint64 `json:"timelock_min"`
	TimelockMax   uint64 `json:"timelock_max"`

	Numbers map[string]Number `json:"numbers"`
}

const (
	day  = uint64(24 * time.Hour / time.Second)
	hour = uint64(time.Hour / time.Second)
)

// nano is so many tokens as the governed numbers count them.
func nano(tokens uint64) uint64 { return tokens * 1e9 }

func tokens(n uint64) msg.Amount {
	a, _ := msg.AmountOfBig(new(big.Int).Mul(new(big.Int).SetUint64(n), big.NewInt(1e18))) // below 2^128 for any n
	return a
}

// Preset gives the numbers for a network of money, or for a development network, whose windows are seconds. Genesis is empty: who is to have
// tokens is the deployer's choice.
func Preset(name string) (Params, error) {
	switch name {
	case "mainnet":
		return Params{Preset: name, Cap: tokens(1_000_000_000), Genesis: map[msg.Account]msg.Amount{},
			VotingDelay: 2 * day, VotingPeriod: 5 * day, Threshold: tokens(1_000_000), Quorum: 4,
			TimelockDelay: 2 * day, TimelockMin: day, TimelockMax: 30 * day,
			Numbers: map[string]Number{
				"CollusionPPM": {333_334, 100_000, 900_000}, "SavingPPM": {500_000, 100_000, 1_000_000},
				"MinWindow": {60, 10, hour}, "MaxWindow": {day, hour, 7 * day},
				"MinClock": {120, 60, hour}, "MaxClock": {hour, 60, 6 * hour}, "MaxDuration": {7 * day, day, 30 * day}, "MaxValidators": {8, 1, 16},
				"SeedDelay": {2, 1, 64}, "VerdictBound": {12 * hour, 3 * 60, 7 * day}, "DisputeBound": {2 * day, hour, 14 * day}, "SilentPPM": {10_000, 0, 100_000},
				"MinStake": {nano(1000), nano(1), nano(1_000_000)}, "UnbondDelay": {28 * day, 7 * day, 90 * day}, "JailTime": {30 * day, 0, 365 * day},
				"WithdrawNotice": {8 * day, day, 60 * day},
				"ChallengerBPS":  {5000, 1000, 9000}, "TreasuryBPS": {2000, 0, 9000}, "BurnBPS": {3000, 1000, 9000}, "ConvictPPM": {500_000, 100_000, 1_000_000},
				"AccuserBond": {nano(200), nano(1), nano(100_000)}, "AccuseGrace": {hour, 600, day}, "ClaimBlocks": {2, 1, 64}, "VoterFee": {nano(5), 1, nano(1000)},
				"CommitteeSize": {7, 3, 15}, "CommitteeDelay": {2, 1, 64}, "CommitteeCommit": {2 * hour, 600, day}, "CommitteeReveal": {hour, 600, day},
				"CommitteeSilentPPM": {10_000, 0, 100_000}, "BisectionWidth": {64, 2, 256}, "BisectionClock": {hour, 60, day}, "BisectionBond": {nano(200), nano(1), nano(100_000)},
				"ExpirePPM": {100_000, 0, 1_000_000},
			}}, nil
	case "devnet":
		return Params{Preset: name, Cap: tokens(1_000_000_000), Genesis: map[msg.Account]msg.Amount{},
			VotingDelay: 2, VotingPeriod: 20, Threshold: tokens(1), Quorum: 4,
			TimelockDelay: 2, TimelockMin: 1, TimelockMax: day,
			Numbers: map[string]Number{
				"CollusionPPM": {333_334, 0, 900_000}, "SavingPPM": {500_000, 0, 1_000_000},
				"MinWindow": {1, 1, hour}, "MaxWindow": {hour, 1, 7 * day},
				"MinClock": {2, 1, hour}, "MaxClock": {60, 1, 6 * hour}, "MaxDuration": {2 * hour, 10, 30 * day}, "MaxValidators": {8, 1, 16},
				"SeedDelay": {1, 1, 64}, "VerdictBound": {180, 3, 7 * day}, "DisputeBound": {600, 2, 14 * day}, "SilentPPM": {10_000, 0, 1_000_000},
				"MinStake": {nano(100), 1, nano(1_000_000)}, "UnbondDelay": {4 * hour, 10, 90 * day}, "JailTime": {day, 0, 365 * day},
				"WithdrawNotice": {3 * hour, 1, 60 * day},
				"ChallengerBPS":  {5000, 0, 10000}, "TreasuryBPS": {2000, 0, 10000}, "BurnBPS": {3000, 0, 10000}, "ConvictPPM": {500_000, 0, 1_000_000},
				"AccuserBond": {nano(40), 1, nano(100_000)}, "AccuseGrace": {300, 1, day}, "ClaimBlocks": {1, 1, 64}, "VoterFee": {nano(2), 1, nano(1000)},
				"CommitteeSize": {3, 1, 15}, "CommitteeDelay": {1, 1, 64}, "CommitteeCommit": {30, 1, day}, "CommitteeReveal": {15, 1, day},
				"CommitteeSilentPPM": {10_000, 0, 1_000_000}, "BisectionWidth": {64, 2, 256}, "BisectionClock": {60, 1, day}, "BisectionBond": {nano(40), 1, nano(100_000)},
				"ExpirePPM": {100_000, 0, 1_000_000},
			}}, nil
	}
	return Params{}, fmt.Errorf("preset %.40q, wanted devnet or mainnet", name)
}

// maxParams is how long a file of parameters may be.
const maxParams = 1 << 20

// ReadParams reads a file over a preset: what it does not name stays.
func ReadParams(path string, p *Params) error {
	b, err := readFile(path, maxParams)
	if err != nil {
		return err
	}
	if err := p.over(b); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (p *Params) over(b []byte) error {
	numbers := map[string]Number{}
	for name, n := range p.Numbers {
		numbers[name] = n
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(p); err != nil {
		return err
	}
	for name, n := range p.Numbers {
		numbers[name] = n
	}
	p.Numbers = numbers
	return p.Check()
}

func readFile(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if s.Size() > most {
		return nil, fmt.Errorf("%s: %d bytes, at most %d wanted", path, s.Size(), most)
	}
	b := make([]byte, s.Size())
	n, err := f.ReadAt(b, 0)
	if n < len(b) {
		return nil, err
	}
	return b, nil
}

// Check says what is wrong with parameters before anything is paid for. What the contracts check themselves is theirs.
func (p *Params) Check() error {
	for name := range p.Numbers {
		if !slices.Contains(parameterNames, name) {
			return fmt.Errorf("no number is named %.40q, wanted %s", name, strings.Join(parameterNames, ", "))
		}
	}
	for _, name := range parameterNames {
		n, ok := p.Numbers[name]
		if !ok {
			return fmt.Errorf("number %s is missing", name)
		}
		if n.Value < n.Min || n.Value > n.Max {
			return fmt.Errorf("number %s is %d, its bounds are %d and %d", name, n.Value, n.Min, n.Max)
		}
	}
	sum := msg.Amount{}
	for _, a := range p.Genesis {
		sum = sum.Add(a)
	}
	if sum.Cmp(p.Cap) > 0 {
		return fmt.Errorf("genesis gives %s tokens, the cap is %s", sum, p.Cap)
	}
	if p.Quorum < 1 || p.Quorum > 20 {
		return fmt.Errorf("a quorum of %d per cent, wanted 1 to 20", p.Quorum)
	}
	if p.VotingPeriod == 0 || p.VotingPeriod > math.MaxUint32 || p.VotingDelay > 1<<48-1 {
		return fmt.Errorf("a vote that begins after %d seconds and takes %d, wanted at least one second and at most 2^32-1", p.VotingDelay, p.VotingPeriod)
	}
	return nil
}
