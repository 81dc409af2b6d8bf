package serve

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"codegraph/internal/serve/store"
)

// Webhook is where the results of runs are sent as they come.
type Webhook struct {
	URL string
	// Secret signs what is sent: see Signature.
	Secret string
	// Wait is the time before the second try, which doubles with each; 0: a second.
	Wait time.Duration
}

// Headers of a delivery.
const (
	TimestampHeader = "Codegraph-Timestamp"
	SignatureHeader = "Codegraph-Signature"
	eventHeader     = "Codegraph-Event"
)

// Bounds on deliveries.
const (
	maxTries     = 10 // the last one after 8½ minutes
	deliveryTime = 15 * time.Second
)

func (h *Webhook) check() error {
	if h == nil {
		return nil
	}
	if u, err := url.Parse(h.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("webhook %q: it must be an address such as https://line4.example/codegraph", h.URL)
	}
	if h.Secret == "" {
		return errors.New("webhook: it needs a secret, by which the receiver knows the sender")
	}
	if h.Wait == 0 {
		h.Wait = time.Second
	}
	return nil
}

// Signature is the HMAC-SHA256 of a timestamp, a dot and a body, in hexadecimal.
func Signature(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// delivery is what became of a run.
type delivery struct {
	Event string `json:"event"` // run.done, run.failed, …; run.judged after answers
	*scores
}

// tellHook says that an event of a run may wait for the webhook.
func (s *Server) tellHook(ctx context.Context) {
	if s.cfg.Webhook == nil {
		return
	}
	if many, err := s.store.ManyDue(ctx); err == nil && many {
		s.log.Error("webhook: further events are left out", "waiting", store.MaxDue)
	}
	select {
	case s.due <- struct{}{}:
	default:
	}
}

// deliver sends what is due, in order, until ctx is done.
func (s *Server) deliver(ctx context.Context) error {
	client := &http.Client{Timeout: deliveryTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var last int64 // that was sent
	for ctx.Err() == nil {
		e, ok, err := s.store.NextDue(ctx, last)
		if err != nil {
			s.worker.trouble(ctx, "find what is due for the webhook", err)
			continue
		}
		if !ok {
			select {
			case <-ctx.Done():
			case <-s.due:
			}
			continue
		}
		err = s.deliverOne(ctx, client, e)
		if ctx.Err() != nil {
			break // it waits for the next start
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) { // one that was removed is nobody's business
			s.log.Error("webhook: not delivered", "event", e.Event, "run", e.Run, "error", err)
		}
		last = e.Seq
		if err := s.store.Told(ctx, last); err != nil {
			s.log.Warn("webhook: what was sent may be sent again", "event", e.Event, "run", e.Run, "error", err)
		}
	}
	return nil
}

func (s *Server) deliverOne(ctx context.Context, client *http.Client, e store.Due) error {
	run, err := s.store.Run(ctx, e.Run)
	if err != nil {
		return err
	}
	d := delivery{e.Event, &scores{Run: run, Images: []imageScore{}, Families: []familyScore{}}}
	if run.Status == store.Done {
		if d.scores, err = s.scores(ctx, run); err != nil {
			return err
		}
	}
	body, err := json.Marshal(d)
	if err != nil {
		return err
	}
	wait := s.cfg.Webhook.Wait
	for try := 1; ; try++ {
		again, err := s.send(ctx, client, e.Event, body)
		if err == nil || !again || try == maxTries {
			return err
		}
		s.log.Warn("webhook", "event", e.Event, "run", e.Run, "error", err, "again in", wait)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
			wait *= 2
		}
	}
}

// send sends a body once; again says that another try may help.
func (s *Server) send(ctx context.Context, client *http.Client, event string, body []byte) (again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.Webhook.URL, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	now := strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "codegraph/"+s.cfg.Version)
	req.Header.Set(eventHeader, event)
	req.Header.Set(TimestampHeader, now)
	req.Header.Set(SignatureHeader, Signature(s.cfg.Webhook.Secret, now, body))
	res, err := client.Do(req)
	if err != nil {
		return true, err
	}
	defer res.Body.Close()
	io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	switch {
	case res.StatusCode < 300:
		return false, nil
	case res.StatusCode >= 500, res.StatusCode == http.StatusTooManyRequests, res.StatusCode == http.StatusRequestTimeout:
		return true, fmt.Errorf("the receiver answers with status %d", res.StatusCode)
	}
	return false, fmt.Errorf("the receiver refuses with status %d", res.StatusCode)
}
