// Package devchain is an Ethereum chain of its own in this process: go-ethereum's node, whose blocks are made by its simulated beacon, with
// JSON-RPC on the loopback, so that wallets and explorers connect to it as to any other chain. `gwrun devnet --chain` and the tests of
// package evm run on it.
//
// It is the only package that links go-ethereum's node: a program that only talks to a chain does not pay for one.
package devchain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/eth"
	"github.com/ethereum/go-ethereum/eth/catalyst"
	"github.com/ethereum/go-ethereum/eth/ethconfig"
	"github.com/ethereum/go-ethereum/eth/filters"
	"github.com/ethereum/go-ethereum/node"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/params"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/gwrun/gwrun/proto/msg"
)

// ChainID is the chain id that Config's zero value gives.
const ChainID = 31337

// Config says how a chain is. Its zero value makes blocks by Commit alone, keeps nothing and funds nobody.
type Config struct {
	// Listen is the loopback address of the JSON-RPC, over HTTP and WebSocket. Default 127.0.0.1 with a free port.
	Listen string
	// ChainID is by default the constant of that name.
	ChainID uint64
	// Period is the time between two blocks, in whole seconds: a chain's clock knows no less. 0: blocks come by Commit alone.
	Period time.Duration
	// OnDemand makes a block as soon as there is a transaction too. The chain's clock runs ahead where there are many in a second.
	OnDemand bool
	// Dir keeps the chain for the next time. Default: it is in memory.
	Dir string
	// Alloc is what accounts have in the beginning, in wei. A chain that is in Dir has had its beginning, with what was given then.
	Alloc map[msg.Account]*big.Int
	// Genesis is when the chain began. Default: the Unix epoch, so that the first block is of now.
	Genesis time.Time
}

// Chain is a chain that runs. It is safe for use by several goroutines at once.
type Chain struct {
	node   *node.Node
	eth    *eth.Ethereum
	beacon *catalyst.SimulatedBeacon
	id     uint64

	mu     sync.Mutex // one block at a time
	closed bool
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// Start starts a chain.
func Start(c Config) (*Chain, error) {
	if c.Listen == "" {
		c.Listen = "127.0.0.1:0"
	}
	if c.ChainID == 0 {
		c.ChainID = ChainID
	}
	if c.Period%time.Second != 0 || c.Period < 0 {
		return nil, fmt.Errorf("a block each %s: wanted whole seconds", c.Period)
	}
	host, port, err := loopback(c.Listen)
	if err != nil {
		return nil, err
	}
	genesis, err := begin(&c)
	if err != nil {
		return nil, err
	}
	conf := node.DefaultConfig
	conf.Name, conf.DataDir = "chain", c.Dir
	conf.P2P = p2p.Config{NoDiscovery: true, NoDial: true}
	conf.HTTPHost, conf.HTTPPort, conf.WSHost, conf.WSPort = host, port, host, port
	conf.HTTPModules, conf.WSModules = []string{"eth", "net", "web3"}, []string{"eth", "net", "web3"}
	// The node holds no key: whoever reads from it in a browser's page can do what anybody can, on a chain that is worth nothing.
	conf.HTTPCors, conf.WSOrigins = []string{"*"}, []string{"*"}
	conf.UseLightweightKDF = true
	stack, err := node.New(&conf)
	if err != nil {
		return nil, fmt.Errorf("chain: %w", err)
	}
	chain := &Chain{node: stack, id: c.ChainID}
	if err := chain.begin(genesis); err != nil {
		return nil, errors.Join(fmt.Errorf("chain: %w", err), stack.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	chain.stop = cancel
	if c.Period > 0 || c.OnDemand {
		chain.done.Add(1)
		go chain.make(ctx, c.Period, c.OnDemand)
	}
	return chain, nil
}

func (c *Chain) begin(genesis *core.Genesis) error {
	conf := ethconfig.Defaults
	conf.Genesis, conf.NetworkId, conf.SyncMode = genesis, c.id, ethconfig.FullSync
	conf.DatabaseCache, conf.TrieCleanCache, conf.TrieDirtyCache, conf.SnapshotCache = 16, 16, 16, 16
	conf.TxPool.NoLocals, conf.TxPool.Journal = true, ""
	conf.BlobPool.Datadir = ""
	conf.LogNoHistory = true // logs are searched in the blocks: there are few, and no index is behind them
	conf.RPCTxFeeCap = 0     // it is for those who sign through the node; here nobody does
	var err error
	if c.eth, err = eth.New(c.node, &conf); err != nil {
		return err
	}
	c.node.RegisterAPIs([]rpc.API{{Namespace: "eth", Service: filters.NewFilterAPI(filters.NewFilterSystem(c.eth.APIBackend, filters.Config{}))}})
	if err := c.node.Start(); err != nil {
		return err
	}
	if c.beacon, err = catalyst.NewSimulatedBeacon(0, common.Address{}, c.eth); err != nil {
		return err
	}
	c.eth.SetSynced()
	return nil
}

// config has every fork that Ethereum has by now from the first block on, and none that is to come.
func config(id uint64) *params.ChainConfig {
	c := *params.MergedTestChainConfig
	c.ChainID = new(big.Int).SetUint64(id)
	zero := uint64(0)
	c.ShanghaiTime, c.CancunTime, c.PragueTime, c.OsakaTime = &zero, &zero, &zero, &zero
	c.BPO1Time, c.BPO2Time, c.BPO3Time, c.BPO4Time, c.BPO5Time, c.AmsterdamTime, c.BogotaTime, c.UBTTime = nil, nil, nil, nil, nil, nil, nil, nil
	c.BlobScheduleConfig = &params.BlobScheduleConfig{Cancun: params.DefaultCancunBlobConfig, Prague: params.DefaultPragueBlobConfig}
	return &c
}

// start is what a folder keeps of how its chain began.
type start struct {
	ChainID uint64              `json:"chain_id"`
	Alloc   map[string]*big.Int `json:"alloc"`
	Time    uint64              `json:"time"`
}

// begin gives the genesis: that of the folder, where a chain is in it.
func begin(c *Config) (*core.Genesis, error) {
	s := start{ChainID: c.ChainID, Alloc: map[string]*big.Int{}}
	if !c.Genesis.IsZero() {
		s.Time = uint64(c.Genesis.Unix())
	}
	for a, wei := range c.Alloc {
		s.Alloc[a.String()] = wei
	}
	if c.Dir != "" {
		if err := kept(filepath.Join(c.Dir, "genesis.json"), &s); err != nil {
			return nil, err
		}
	}
	if s.ChainID != c.ChainID {
		return nil, fmt.Errorf("the chain in %s has id %d, wanted %d", c.Dir, s.ChainID, c.ChainID)
	}
	alloc := types.GenesisAlloc{}
	maps.Copy(alloc, core.SystemContractAllocs())
	for a, wei := range s.Alloc {
		if !common.IsHexAddress(a) || wei == nil || wei.Sign() < 0 {
			return nil, fmt.Errorf("the chain in %s begins with %v wei for account %.50q", c.Dir, wei, a)
		}
		alloc[common.HexToAddress(a)] = types.Account{Balance: wei}
	}
	return &core.Genesis{Config: config(c.ChainID), GasLimit: ethconfig.Defaults.Miner.GasCeil, Alloc: alloc, Timestamp: s.Time,
		Difficulty: new(big.Int), BaseFee: big.NewInt(params.InitialBaseFee)}, nil
}

// kept reads the file, or writes it where there is none.
func kept(path string, s *start) error {
	b, err := os.ReadFile(path)
	if err == nil {
		*s = start{}
		if err := json.Unmarshal(b, s); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if b, err = json.MarshalIndent(s, "", "  "); err != nil {
		return err
	}
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(next, path)
}

func loopback(listen string) (string, int, error) {
	host, text, err := net.SplitHostPort(listen)
	if err != nil {
		return "", 0, fmt.Errorf("chain: listening on %q: %w", listen, err)
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return "", 0, fmt.Errorf("chain: listening on %q: %w", listen, err)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return "", 0, fmt.Errorf("chain: listening on %s, wanted a loopback address: anybody could reach it", host)
	}
	return host, int(port), nil
}

// make makes blocks as time goes by.
func (c *Chain) make(ctx context.Context, period time.Duration, onDemand bool) {
	defer c.done.Done()
	var tick <-chan time.Time
	if period > 0 {
		t := time.NewTicker(period)
		defer t.Stop()
		tick = t.C
	}
	arrived := make(chan core.NewTxsEvent, 64)
	if onDemand {
		sub := c.eth.TxPool().SubscribeTransactions(arrived, true)
		defer sub.Unsubscribe()
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-arrived:
		case <-tick:
		}
		for len(arrived) > 0 {
			<-arrived
		}
		c.Commit()
	}
}

// URL is where the JSON-RPC is.
func (c *Chain) URL() string { return c.node.HTTPEndpoint() }

// WS is where it is over WebSocket.
func (c *Chain) WS() string { return c.node.WSEndpoint() }

// ID is the chain's id.
func (c *Chain) ID() uint64 { return c.id }

// RPC is a client in this process.
func (c *Chain) RPC() *rpc.Client { return c.node.Attach() }

// Commit makes a block of what waits.
func (c *Chain) Commit() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.beacon.Commit()
	}
}

// Head is the newest block's number and time.
func (c *Chain) Head() (uint64, time.Time) {
	h := c.eth.BlockChain().CurrentBlock()
	return h.Number.Uint64(), time.Unix(int64(h.Time), 0)
}

// Advance makes a block of what waits, and then one that is d later.
func (c *Chain) Advance(d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errors.New("the chain has stopped")
	}
	c.beacon.Commit()
	return c.beacon.AdjustTime(d)
}

// Reorg takes the newest n blocks away and puts n+1 others in their place. Transactions that were in them wait again, as they do in
// anybody's pool, and are in the new ones, unless lost: then nobody has them any more.
func (c *Chain) Reorg(n uint64, lost bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errors.New("the chain has stopped")
	}
	head := c.eth.BlockChain().CurrentBlock().Number.Uint64()
	if n == 0 || n > head {
		return fmt.Errorf("a reorg of %d blocks of %d", n, head)
	}
	parent := c.eth.BlockChain().GetBlockByNumber(head - n)
	if _, err := c.eth.BlockChain().SetCanonical(parent); err != nil {
		return err
	}
	if err := c.eth.TxPool().Sync(); err != nil {
		return err
	}
	if lost {
		c.eth.TxPool().Clear()
	}
	for range n + 1 {
		c.beacon.Commit()
	}
	return nil
}

// Close stops the chain.
func (c *Chain) Close() error {
	c.stop()
	c.done.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	return errors.Join(c.beacon.Stop(), c.node.Close())
}

// AdvanceTo makes one block at a time that is to come; what waits has to be in blocks by then.
func (c *Chain) AdvanceTo(at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errors.New("the chain has stopped")
	}
	_, now := c.Head()
	if d := at.Sub(now); d > 0 {
		return c.beacon.AdjustTime(d)
	}
	return nil
}
