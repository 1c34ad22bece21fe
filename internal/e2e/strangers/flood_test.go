package strangers_test

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// routes are those of the service of the flood.
func routes() map[string]http.HandlerFunc {
	ok := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }
	return map[string]http.HandlerFunc{
		"GET /users/{id}":  ok,
		"PUT /users/{id}":  ok,
		"/tree/{path...}":  ok,
		"/files/":          ok,
		"/panic/{what}":    func(http.ResponseWriter, *http.Request) { panic("strangers asked for it") },
		"/failing":         func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"POST /users/{id}": ok,
	}
}

// unencrypted has a server speak HTTP/2 as well as HTTP/1 in clear.
func unencrypted() *http.Server {
	server := &http.Server{Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	return server
}

// client2 speaks HTTP/2 without asking.
func client2(t *testing.T) *http.Transport {
	client := &http.Transport{Protocols: new(http.Protocols)}
	client.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// send2 sends a request over HTTP/2 and reports whether it was answered.
func (s *service) send2(client *http.Transport, method, target, host string, headers ...string) bool {
	request, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.address+target, nil)
	if err != nil {
		return false
	}
	request.Host = host
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := client.RoundTrip(request)
	if err != nil {
		s.t.Errorf("%s %.80s: %v", method, target, err)
		return false
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err == nil
}

// warmUp asks for everything once or more that the service knows to tell apart:
// each form of a target with each kind of method in each version.
func (s *service) warmUp(client *http.Transport, times int) {
	s.t.Helper()
	conn := &connection{t: s.t, address: s.address}
	defer conn.close()
	for range times {
		for _, method := range methods() {
			for _, shape := range shapes() {
				target := fmt.Sprintf(shape, "x")
				for minor := range 2 {
					conn.send(method, fmt.Sprintf("%s %s HTTP/1.%d\r\nHost: a\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", method, target, minor))
				}
				if client != nil && strings.HasPrefix(target, "/") && method != http.MethodConnect {
					s.send2(client, method, target, "a")
				}
			}
		}
	}
	s.settle()
	s.scrape("text/plain")
}

// others are series of the runtime and of the process, whose values differ in
// length from scrape to scrape.
var others = regexp.MustCompile(`^(go|process)_`)

// series are the names and labels of the series of a scrape.
func series(scrape string) (all []string) {
	for line := range strings.Lines(scrape) {
		if name, _, _ := strings.Cut(line, "{"); !strings.HasPrefix(line, "#") && !others.MatchString(name) {
			all = append(all, line[:strings.LastIndex(line, " ")])
		}
	}
	slices.Sort(all)
	return all
}

var labelValue = regexp.MustCompile(`="((?:[^"\\]|\\.)*)"`)

func longestLabel(scrape string) (longest int) {
	for _, match := range labelValue.FindAllStringSubmatch(scrape, -1) {
		longest = max(longest, len(match[1]))
	}
	return longest
}

// measured is what strangers must not change.
type measured struct {
	scrape string
	heap   int64
}

func (s *service) measure() measured {
	s.t.Helper()
	s.forgotten += s.collector.Items(exporters.Traces)
	s.collector.Forget()
	s.lines.forget()
	m := measured{scrape: s.scrape("text/plain")}
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	m.heap = int64(stats.HeapAlloc)
	return m
}

// same checks that after has the series of before, byte for byte, hardly more
// text and no more memory.
func (s *service) same(before, after measured) {
	s.t.Helper()
	was, is := series(before.scrape), series(after.scrape)
	for _, one := range is {
		if _, known := slices.BinarySearch(was, one); !known {
			s.t.Errorf("strangers made the series %.300s", one)
		}
	}
	if len(was) != len(is) {
		s.t.Errorf("%d series became %d", len(was), len(is))
	}
	if longest := longestLabel(after.scrape); longest > catalog.MaxLabelBytes {
		s.t.Errorf("a label has %d bytes", longest)
	}
	if grown := len(after.scrape) - len(before.scrape); grown > len(before.scrape)/100 {
		s.t.Errorf("the scrape grew from %d bytes by %d", len(before.scrape), grown)
	}
	if grown := after.heap - before.heap; grown > 5<<20 {
		s.t.Errorf("the heap grew by %d bytes", grown)
	}
}

func TestFloodLeavesSeriesAndMemoryAsTheyWere(t *testing.T) {
	const connections, requests = 5, 1000
	s := start(t, exporters.ProtocolGRPC, unencrypted(), nil, routes())
	client := client2(t)
	s.warmUp(client, 3)
	before := s.measure()
	warm := s.served.Load()

	var clients sync.WaitGroup
	for i := range uint64(connections) {
		clients.Go(func() {
			from := stranger{rand.New(rand.NewPCG(1, i))}
			conn := &connection{t: t, address: s.address}
			defer conn.close()
			for n := range requests {
				if n%50 == 0 {
					text := pick(from, malformed()...)
					if status := conn.send("GET", text); status < 400 {
						t.Errorf("%.80q: status %d", text, status)
					}
				}
				method, text, served := from.request()
				if status := conn.send(method, text); (status == http.StatusRequestHeaderFieldsTooLarge) == served {
					t.Errorf("%.80q: %d bytes: status %d", text, len(text), status)
				}
			}
		})
	}
	clients.Wait()
	s.settle()
	if n := s.served.Load() - warm; n < connections*requests*7/10 {
		t.Errorf("only %d requests reached the service", n)
	}
	for _, span := range s.collector.Spans() {
		if len(span.GetParentSpanId()) > 0 {
			t.Fatal("a stranger is the parent of a span")
		}
	}
	s.healthy()
	after := s.measure()
	s.same(before, after)
	golden(t, "testdata/series.txt", families(after.scrape))
}

var methodLabel = regexp.MustCompile(`(?:http_request_)?method="([^"]*)",?`)

// families are the series about requests of a scrape, one a line, with those in
// one that differ in the method, or are a histogram's.
func families(scrape string) string {
	of := make(map[string][]string)
	for _, one := range series(scrape) {
		if strings.Contains(one, "_bucket{") || strings.Contains(one, "_sum{") || !strings.Contains(one, "http_") && !strings.Contains(one, "errors") {
			continue
		}
		family, method := methodLabel.ReplaceAllString(one, ""), ""
		if match := methodLabel.FindStringSubmatch(one); match != nil {
			method = match[1]
		}
		of[family] = append(of[family], method)
	}
	var kept strings.Builder
	for _, family := range slices.Sorted(maps.Keys(of)) {
		fmt.Fprintln(&kept, strings.TrimSpace(family+" "+strings.Join(of[family], " ")))
	}
	return kept.String()
}

func TestFloodOverHTTP2LeavesSeriesAndMemoryAsTheyWere(t *testing.T) {
	const streams, requests = 5, 200
	s := start(t, exporters.ProtocolHTTP, unencrypted(), nil, routes())
	client := client2(t)
	s.warmUp(client, 3)
	before := s.measure()
	warm := s.served.Load()

	var clients sync.WaitGroup
	for i := range uint64(streams) {
		clients.Go(func() {
			from := stranger{rand.New(rand.NewPCG(2, i))}
			for range requests {
				method, target := from.method(), from.target()
				if method == http.MethodConnect || !strings.HasPrefix(target, "/") {
					continue
				}
				s.send2(client, method, target, from.host(),
					"User-Agent", from.text(letters+"\xff\x80", 3000), "X-Request-ID", from.text(letters, 100),
					"Traceparent", fmt.Sprintf("00-%032x-%016x-00", 1+from.IntN(1000), 1+from.IntN(1000)))
			}
		})
	}
	clients.Wait()
	s.settle()
	if n := s.served.Load() - warm; n < streams*requests/2 {
		t.Errorf("only %d requests reached the service", n)
	}
	s.healthy()
	s.same(before, s.measure())
}
