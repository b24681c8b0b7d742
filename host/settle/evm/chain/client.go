// Package chain talks to an Ethereum chain by JSON-RPC: over HTTP, WebSocket or a local socket, to a node of one's own or to a provider whose
// answers nobody vouches for. It reads, follows events through reorgs, and sends transactions that arrive: with nonces that survive restarts
// and other programs with the same key, and with fees that are raised, up to a bound, where a transaction waits too long.
//
// A server can lie about the chain, as any can who is asked for it; it can neither exhaust this process, nor make it sign twice, nor lead it to
// another chain. Whoever wants to be sure of more runs a node.
package chain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// Errors of a chain. They are wrapped with what was found.
var (
	ErrWrongChain  = errors.New("another chain")
	ErrUnreachable = errors.New("the chain cannot be reached")
	ErrServer      = errors.New("the chain's server is broken or lies") // what it says cannot be
	ErrBehind      = errors.New("the chain's server is behind")         // of what it said itself
	ErrNoGas       = errors.New("not enough to pay for gas")
	ErrFee         = errors.New("gas costs more than --max-fee allows")
	ErrTooMuchGas  = errors.New("needs more gas than a transaction may have")
	ErrReplaced    = errors.New("another transaction took its nonce")
	ErrNoKey       = errors.New("a key is needed to send transactions")
)

// Config says how to talk to a chain. URL is needed.
type Config struct {
	// URL is of http, https, ws, wss, or the path of a local socket.
	URL string
	// ChainID is the id the chain must have. 0: any.
	ChainID uint64
	// Key signs transactions. Without one nothing can be sent.
	Key *identity.Identity
	// MaxFee is the most wei that one unit of gas may cost. Default 200 gwei.
	MaxFee *big.Int
	// MaxGas is the most gas that one transaction may have. Default 16 million, which EIP-7825's 2^24 allows.
	MaxGas uint64
	// Confirmations is how many blocks have to stand on the one that has a transaction before that is taken as lasting. Default 4.
	Confirmations uint64
	// Patience is how long a transaction may wait before its fee is raised. Default 30 seconds.
	Patience time.Duration
	// Poll is how often a server that cannot tell of new blocks is asked. Default a second.
	Poll time.Duration
	// Timeout bounds each call. Default 20 seconds.
	Timeout time.Duration
	// Sent keeps the transactions that are not lasting yet, for the next time. Default: they are forgotten with the process.
	Sent store.Journal
	// Errors are of contracts whose reverts are to be told in words.
	Errors []*abi.ABI
	// Log default: none.
	Log *slog.Logger
	// Now default: time.Now.
	Now func() time.Time
}

// gwei is 10^9 wei.
var gwei = big.NewInt(1e9)

// maxAnswer is how long an answer may be. A block's logs are a few MiB at the very most, and ranges of blocks are halved until they fit.
const maxAnswer = 32 << 20

// maxReorg is how many blocks a reorg may take away before a server is taken to be behind instead. Ethereum finalizes after 64.
const maxReorg = 128

// Client is a connection to a chain. It is safe for use by several goroutines at once.
type Client struct {
	cfg    Config
	rpc    *rpc.Client
	eth    *ethclient.Client
	id     *big.Int
	errors *Reverts
	sender *sender

	mu   sync.Mutex
	seen uint64 // the highest head
}

// Dial connects, and checks that it is the chain that is wanted.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	if cfg.Timeout == 0 {
		cfg.Timeout = 20 * time.Second
	}
	dial, cancel := context.WithTimeout(ctx, cfg.Timeout)
	defer cancel()
	r, err := rpc.DialOptions(dial, cfg.URL, rpc.WithHTTPClient(&http.Client{Transport: bounded{http.DefaultTransport}, Timeout: cfg.Timeout}),
		rpc.WithWebsocketMessageSizeLimit(maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", Redact(cfg.URL), ErrUnreachable, err)
	}
	c, err := New(ctx, r, cfg)
	if err != nil {
		r.Close()
		return nil, err
	}
	return c, nil
}

// New is Dial over a connection that there is. Close closes it.
func New(ctx context.Context, r *rpc.Client, cfg Config) (*Client, error) {
	for _, d := range []struct {
		at   *time.Duration
		with time.Duration
	}{{&cfg.Timeout, 20 * time.Second}, {&cfg.Patience, 30 * time.Second}, {&cfg.Poll, time.Second}} {
		if *d.at <= 0 {
			*d.at = d.with
		}
	}
	if cfg.MaxFee == nil {
		cfg.MaxFee = new(big.Int).Mul(gwei, big.NewInt(200))
	}
	if cfg.MaxGas == 0 {
		cfg.MaxGas = 16_000_000
	}
	if cfg.Confirmations == 0 {
		cfg.Confirmations = 4
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	c := &Client{cfg: cfg, rpc: r, eth: ethclient.NewClient(r), errors: NewReverts(cfg.Errors...)}
	call, cancel := c.bound(ctx)
	defer cancel()
	id, err := c.eth.ChainID(call)
	switch {
	case err != nil:
		return nil, c.failed("its id", err)
	case !id.IsUint64() || id.Sign() == 0:
		return nil, fmt.Errorf("chain id %.80s, wanted one of 64 bits: %w", id, ErrServer)
	case cfg.ChainID != 0 && id.Uint64() != cfg.ChainID:
		return nil, fmt.Errorf("%s has chain id %d, wanted %d: %w", Redact(cfg.URL), id, cfg.ChainID, ErrWrongChain)
	}
	c.id = id
	if cfg.Key != nil {
		if c.sender, err = newSender(c); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Close ends the connection. Transactions that wait go on waiting in everybody's pools.
func (c *Client) Close() {
	if c.sender != nil {
		c.sender.close()
	}
	c.rpc.Close()
}

// ChainID is the chain's id.
func (c *Client) ChainID() uint64 { return c.id.Uint64() }

// Account is who sends transactions; nobody without a key.
func (c *Client) Account() msg.Account {
	if c.cfg.Key == nil {
		return msg.Account{}
	}
	return c.cfg.Key.Account()
}

// Confirmations is how deep a block has to lie.
func (c *Client) Confirmations() uint64 { return c.cfg.Confirmations }

// Reverts tells what contracts say no with.
func (c *Client) Reverts() *Reverts { return c.errors }

func (c *Client) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.cfg.Timeout)
}

// failed tells what a call that failed was for.
func (c *Client) failed(what string, err error) error {
	var answer rpc.Error
	var status rpc.HTTPError
	switch {
	case errors.Is(err, ethereum.NotFound), errors.Is(err, ErrServer):
		return fmt.Errorf("%s: %w", what, err)
	case errors.As(err, &answer):
		return fmt.Errorf("%s: %w", what, c.errors.Decode(err))
	case errors.As(err, &status):
		return fmt.Errorf("%s: %w: %s answers %s", what, ErrUnreachable, Redact(c.cfg.URL), status.Status)
	}
	return fmt.Errorf("%s: %w: %w", what, ErrUnreachable, err)
}

// header is a block's header with what the server says is its hash.
type header struct {
	types.Header
	hash common.Hash
}

func (h *header) UnmarshalJSON(b []byte) error {
	if err := h.Header.UnmarshalJSON(b); err != nil {
		return err
	}
	var said struct {
		Hash *common.Hash `json:"hash"`
	}
	if err := json.Unmarshal(b, &said); err != nil {
		return err
	}
	if said.Hash == nil {
		return errors.New("a block without a hash")
	}
	h.hash = *said.Hash
	return nil
}

func (c *Client) header(ctx context.Context, what, at string) (*types.Header, error) {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	var h *header
	if err := c.rpc.CallContext(ctx, &h, "eth_getBlockByNumber", at, false); err != nil {
		return nil, c.failed(what, err)
	}
	switch {
	case h == nil:
		return nil, fmt.Errorf("%s: %w", what, ethereum.NotFound)
	case h.Number == nil || !h.Number.IsUint64():
		return nil, fmt.Errorf("%s: its number is %v: %w", what, h.Number, ErrServer)
	case h.Hash() != h.hash:
		return nil, fmt.Errorf("%s: its header hashes to %s, it is said to be %s: %w", what, h.Hash(), h.hash, ErrServer)
	}
	return &h.Header, nil
}

// Poll is how often a server that cannot tell of new blocks is asked.
func (c *Client) Poll() time.Duration { return c.cfg.Poll }

// Head is the newest block's header.
func (c *Client) Head(ctx context.Context) (*types.Header, error) {
	h, err := c.header(ctx, "the newest block", "latest")
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := h.Number.Uint64(); n+maxReorg < c.seen {
		return nil, fmt.Errorf("its newest block is %d, it had %d: %w", n, c.seen, ErrBehind)
	}
	c.seen = max(c.seen, h.Number.Uint64())
	return h, nil
}

// Header is the header of a block by its number.
func (c *Client) Header(ctx context.Context, number uint64) (*types.Header, error) {
	what := fmt.Sprintf("block %d", number)
	h, err := c.header(ctx, what, hexutil.EncodeUint64(number))
	if err == nil && h.Number.Uint64() != number {
		return nil, fmt.Errorf("%s: block %d is given for it: %w", what, h.Number, ErrServer)
	}
	return h, err
}

// Balance is what an account has, in wei.
func (c *Client) Balance(ctx context.Context, a msg.Account) (*big.Int, error) {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	wei, err := c.eth.BalanceAt(ctx, common.Address(a), nil)
	if err != nil {
		return nil, c.failed("the balance of "+a.String(), err)
	}
	return wei, nil
}

// Code is a contract's code; empty where there is none.
func (c *Client) Code(ctx context.Context, a common.Address) ([]byte, error) {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	b, err := c.eth.CodeAt(ctx, a, nil)
	if err != nil {
		return nil, c.failed("the code of "+a.String(), err)
	}
	return b, nil
}

// Call asks a contract, at the newest block or at one by its number. What it says no with is a *RevertError.
func (c *Client) Call(ctx context.Context, what string, to common.Address, data []byte, at *big.Int) ([]byte, error) {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	call := ethereum.CallMsg{To: &to, Data: data}
	if c.cfg.Key != nil {
		call.From = common.Address(c.cfg.Key.Account())
	}
	b, err := c.eth.CallContract(ctx, call, at)
	if err != nil {
		return nil, c.failed(what, err)
	}
	return b, nil
}

// Heads tells of new blocks until ctx ends: at once by subscription, or where the server has none, every Poll. Whoever is slow misses some:
// what it gets is a reason to look, and nothing else.
func (c *Client) Heads(ctx context.Context) <-chan struct{} {
	out := make(chan struct{}, 1)
	tell := func() {
		select {
		case out <- struct{}{}:
		default:
		}
	}
	go func() {
		defer close(out)
		poll := time.NewTicker(c.cfg.Poll)
		defer poll.Stop()
		for ctx.Err() == nil {
			heads := make(chan *types.Header, 16)
			sub, err := c.eth.SubscribeNewHead(ctx, heads)
			if err != nil {
				// Without subscription, or just now without connection: asking does in both cases.
				tell()
				select {
				case <-ctx.Done():
				case <-poll.C:
				}
				continue
			}
			tell()
			for on := true; on; {
				select {
				case <-ctx.Done():
					on = false
				case <-sub.Err():
					on = false
				case <-heads:
					tell()
				}
			}
			sub.Unsubscribe()
		}
	}()
	return out
}

// bounded refuses answers that are too long.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = &limited{resp.Body, maxAnswer}
	}
	return resp, err
}

type limited struct {
	io.ReadCloser
	left int64
}

func (l *limited) Read(b []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("an answer of more than %d bytes: %w", maxAnswer, ErrServer)
	}
	n, err := l.ReadCloser.Read(b[:min(int64(len(b)), l.left)])
	l.left -= int64(n)
	return n, err
}
