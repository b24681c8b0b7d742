package shards_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/shards"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
)

// A consumer of a plan of 20 jobs that is killed at random moments:
//
//	go test ./host/shards -run TestConsumerIsKilled -kills 200 -v
var (
	kills    = flag.Int("kills", 8, "how often TestConsumerIsKilled kills")
	killSeed = flag.Uint64("killseed", uint64(time.Now().UnixNano()), "what it draws its moments from")
)

// In a process with this variable the test binary is a consumer: it submits a plan, or goes on with it, and prints what came of it.
const consumerEnv = "GWRUN_SHARDS_TEST_CONSUMER"

func TestMain(m *testing.M) {
	if text := os.Getenv(consumerEnv); text != "" {
		if err := consume(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// order is what the parent tells the consumer.
type order struct {
	Dir   string
	Peers []string
}

// came is what the consumer prints.
type came struct {
	Sum    uint64
	Tasks  int
	Before int // done before this process
	On     int // jobs that were followed again
}

// The plan: 20 jobs of some hundredths of a second.
const killedShards, killedRounds, killedWork = 4, 4, 300_000

func consume(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	key := filepath.Join(o.Dir, "key.json")
	id, err := identity.Load(key, "")
	if errors.Is(err, fs.ErrNotExist) {
		id, err = identity.Create(key, "", identity.Light)
	}
	if err != nil {
		return err
	}
	s, err := store.Open(filepath.Join(o.Dir, "store"), store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	n, err := node.Start(node.Config{Identity: id, Store: s})
	if err != nil {
		return err
	}
	defer n.Close(context.Background())
	p, err := shards.NewPlan(folded(killedShards, killedRounds, fmt.Sprintf("work=%d", killedWork)))
	if err != nil {
		return err
	}
	var c came
	res, err := n.Shards.Submit(context.Background(), p, checkedWhole(o.Peers), func(e shards.Event) {
		switch {
		case e.Kind == "done" && e.Text == "before":
			c.Before++
		case e.Kind == "issued" && e.Text == "goes on":
			c.On++
		}
	})
	if err != nil {
		return err
	}
	f, err := n.Shards.Open(res.Outputs[0].Blob)
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil || len(b) != 8 {
		return fmt.Errorf("%d bytes, %w", len(b), err)
	}
	c.Sum, c.Tasks = binary.LittleEndian.Uint64(b), len(res.Done)
	return json.NewEncoder(os.Stdout).Encode(c)
}

// A consumer that is killed at any moment goes on with its plan where it was, with the same result.
func TestConsumerIsKilled(t *testing.T) {
	n := network(t, devnet.Config{Providers: 3, Validators: 1})
	want := folding(killedShards, killedRounds, 5, killedWork, nil)
	r := rand.New(rand.NewPCG(*killSeed, 1))
	t.Logf("seed %d", *killSeed)
	done, plans, before, on := 0, 0, 0, 0
	for done < *kills {
		plans++
		dir := t.TempDir()
		for {
			text, err := json.Marshal(order{Dir: dir, Peers: n.Peers()})
			if err != nil {
				t.Fatal(err)
			}
			var out, log bytes.Buffer
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), consumerEnv+"="+string(text))
			cmd.Stdout, cmd.Stderr = &out, &log
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			var moment <-chan time.Time
			if done < *kills {
				moment = time.After(time.Duration(r.Int64N(int64(1500 * time.Millisecond))))
			}
			select {
			case <-moment:
				if cmd.Process.Kill() == nil {
					done++
				}
				<-ended
				if out.Len() == 0 {
					continue
				}
			case err := <-ended:
				if err != nil {
					t.Fatalf("the consumer: %v\n%s", err, &log)
				}
			}
			var c came
			if err := json.Unmarshal(out.Bytes(), &c); err != nil {
				t.Fatalf("%v in %q", err, &out)
			}
			before, on = before+c.Before, on+c.On
			if c.Sum != want || c.Tasks != killedRounds*(killedShards+1) {
				t.Errorf("after kills the sum is %x of %d tasks, want %x", c.Sum, c.Tasks, want)
			}
			break
		}
	}
	t.Logf("%d kills of %d plans; their last processes found %d tasks done and followed %d jobs again", done, plans, before, on)
}
