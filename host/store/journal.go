package store

import (
	"errors"
	"fmt"
	"sync"

	bolt "go.etcd.io/bbolt"

	"github.com/gwrun/gwrun/proto/msg"
)

// diskJournal is one bucket of jobs.db. Each change is on the disk before it returns.
type diskJournal struct {
	d    *Disk
	name []byte
}

// changes are those to the journals that wait for the disk.
type changes struct {
	turn sync.Mutex // of who commits

	mu      sync.Mutex
	waiting []*change
}

// change is one of them. What became of it is known to who has had the turn after it began to wait.
type change struct {
	do   func(*bolt.Tx) error
	done bool
	err  error
}

// commit makes a change durable. Those that come while the disk is busy with others are one transaction: it is waited for once.
func (d *Disk) commit(do func(*bolt.Tx) error) error {
	c, q := &change{do: do}, &d.changes
	q.mu.Lock()
	q.waiting = append(q.waiting, c)
	q.mu.Unlock()
	q.turn.Lock()
	defer q.turn.Unlock()
	if c.done {
		return c.err
	}
	q.mu.Lock()
	all := q.waiting
	q.waiting = nil
	q.mu.Unlock()
	err := d.jobs.Update(func(tx *bolt.Tx) error {
		for _, c := range all {
			if err := c.do(tx); err != nil {
				return err
			}
		}
		return nil
	})
	for _, c := range all {
		if c.done, c.err = true, err; err != nil && len(all) > 1 {
			c.err = d.jobs.Update(c.do) // which is to blame shows when each is alone
		}
	}
	return c.err
}

// Journal implements Store.
func (d *Disk) Journal(name string) Journal { return &diskJournal{d, []byte(name)} }

var errNoRecord = errors.New("no record")

func (j *diskJournal) missing(key msg.Hash) error {
	return fmt.Errorf("store: journal %s: record %v: %w", j.name, key, ErrNotFound)
}

func (j *diskJournal) Put(key msg.Hash, v any) error {
	value := msg.Encode(v)
	return wrap(j.d.dir, j.d.commit(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(j.name)
		if err != nil {
			return err
		}
		return b.Put(key[:], value)
	}))
}

func (j *diskJournal) Get(key msg.Hash, v any) error {
	err := j.d.jobs.View(func(tx *bolt.Tx) error {
		b := tx.Bucket(j.name)
		if b == nil {
			return errNoRecord
		}
		value := b.Get(key[:])
		if value == nil {
			return errNoRecord
		}
		return msg.Decode(value, v)
	})
	if err == errNoRecord {
		return j.missing(key)
	}
	if errors.Is(err, msg.ErrDecode) {
		return fmt.Errorf("store: journal %s: record %v: %w", j.name, key, err)
	}
	return wrap(j.d.dir, err)
}

func (j *diskJournal) Delete(keys ...msg.Hash) error {
	return wrap(j.d.dir, j.d.commit(func(tx *bolt.Tx) error {
		b := tx.Bucket(j.name)
		if b == nil {
			return nil
		}
		for _, key := range keys {
			if err := b.Delete(key[:]); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (j *diskJournal) Keys() ([]msg.Hash, error) {
	var keys []msg.Hash
	err := j.d.jobs.View(func(tx *bolt.Tx) error {
		b := tx.Bucket(j.name)
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, _ []byte) error {
			if len(k) != len(msg.Hash{}) {
				return fmt.Errorf("journal %s: key of %d bytes: %w", j.name, len(k), ErrCorrupt)
			}
			keys = append(keys, msg.Hash(k))
			return nil
		})
	})
	return keys, wrap(j.d.dir, err)
}
