package store

import (
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/gwrun/gwrun/proto/msg"
)

// diskJournal is one bucket of jobs.db. Each change is a transaction, synced before it returns.
type diskJournal struct {
	d    *Disk
	name []byte
}

// Journal implements Store.
func (d *Disk) Journal(name string) Journal { return &diskJournal{d, []byte(name)} }

var errNoRecord = errors.New("no record")

func (j *diskJournal) missing(key msg.Hash) error {
	return fmt.Errorf("store: journal %s: record %v: %w", j.name, key, ErrNotFound)
}

func (j *diskJournal) Put(key msg.Hash, v any) error {
	value := msg.Encode(v)
	return wrap(j.d.dir, j.d.jobs.Update(func(tx *bolt.Tx) error {
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

func (j *diskJournal) Delete(key msg.Hash) error {
	return wrap(j.d.dir, j.d.jobs.Update(func(tx *bolt.Tx) error {
		if b := tx.Bucket(j.name); b != nil {
			return b.Delete(key[:])
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
