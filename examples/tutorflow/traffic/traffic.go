package traffic

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	// MaxPerSecond is the most that Run can be asked for.
	MaxPerSecond   = 1000
	maxOpen        = 32
	requestTimeout = 15 * time.Second
	// grace is how long running requests may take after the end, so that an
	// orderly stop does not look like clients hanging up.
	grace = time.Second
	seed  = 20240301 // any number: it only has to stay the same
)

// Run sends perSecond requests a second, 0 to MaxPerSecond, to the API at
// baseURL until ctx ends; then it returns nil, after a second at most. With 0 it
// returns at once. An error tells of an argument that makes no sense; an API
// that does not answer is none.
func Run(ctx context.Context, baseURL string, perSecond float64) error {
	base, err := url.Parse(baseURL)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return fmt.Errorf("traffic to %q: the address must be an http or https URL", baseURL)
	}
	if !(perSecond >= 0 && perSecond <= MaxPerSecond) { // not a number is refused, too
		return fmt.Errorf("traffic of %v requests a second: must be 0 to %d", perSecond, MaxPerSecond)
	}
	if perSecond == 0 {
		return nil
	}
	transport := &http.Transport{MaxIdleConnsPerHost: maxOpen}
	defer transport.CloseIdleConnections()
	c := &client{base: base.JoinPath("/").String(), http: &http.Client{Transport: transport, Timeout: requestTimeout}}
	generate(ctx, c, interval(perSecond))
	return nil
}

// interval is the time between two requests. A rate next to nothing gives the
// longest there is.
func interval(perSecond float64) time.Duration {
	const longest = time.Duration(1<<63 - 1)
	if d := float64(time.Second) / perSecond; d < float64(longest) {
		return time.Duration(d)
	}
	return longest
}

func generate(ctx context.Context, c *client, every time.Duration) {
	requests, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var running sync.WaitGroup
	defer running.Wait()

	var known lessons
	random := rand.New(rand.NewPCG(seed, seed))
	open := make(chan struct{}, maxOpen)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			time.AfterFunc(grace, cancel)
			return
		case <-ticker.C:
		}
		select {
		case open <- struct{}{}:
		default:
			continue // the API does not keep up
		}
		next := choose(random, &known)
		running.Go(func() {
			defer func() { <-open }()
			next.send(requests, c)
		})
	}
}
