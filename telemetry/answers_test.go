package telemetry_test

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

// rawRequests are requests as they can be on the wire.
func rawRequests() map[string]string {
	const last = "GET /PATH HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
	long := strings.Repeat("x", 300<<10)
	return map[string]string{
		"GET":                            "GET /PATH?q=1 HTTP/1.1\r\nHost: test\r\n\r\n" + last,
		"HEAD":                           "HEAD /PATH HTTP/1.1\r\nHost: test\r\n\r\n" + last,
		"HTTP/1.0":                       "GET /PATH HTTP/1.0\r\n\r\n",
		"HTTP/1.0 that stays":            "GET /PATH HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + last,
		"HTTP/1.5":                       "POST /PATH HTTP/1.5\r\nHost: test\r\nContent-Length: 2\r\n\r\nok" + last,
		"an absolute target":             "GET http://other:99/PATH HTTP/1.1\r\nHost: test\r\n\r\n" + last,
		"a path to clean":                "GET //PATH/../PATH/. HTTP/1.1\r\nHost: test\r\n\r\n" + last,
		"an unknown path":                "GET /none/PATH HTTP/1.1\r\nHost: test\r\n\r\n" + last,
		"an unknown method":              "BREW /PATH HTTP/1.1\r\nHost: test\r\n\r\n" + last,
		"OPTIONS *":                      "OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n" + last,
		"CONNECT":                        "CONNECT /PATH HTTP/1.1\r\nHost: test\r\n\r\n" + last,
		"TRACE":                          "TRACE /PATH HTTP/1.1\r\nHost: test\r\nMax-Forwards: 1\r\n\r\n" + last,
		"ids and baggage":                "GET /PATH HTTP/1.1\r\nHost: test\r\nX-Request-Id: a b\r\nTraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nTracestate: a=b\r\nBaggage: c=d\r\n\r\n" + last,
		"a header of bad UTF-8":          "GET /PATH?%ff=\xff HTTP/1.1\r\nHost: test\r\nUser-Agent: \xff\xfe\r\n\r\n" + last,
		"many headers":                   "GET /PATH HTTP/1.1\r\nHost: test\r\n" + strings.Repeat("X-Many: x\r\n", 500) + "\r\n" + last,
		"a body":                         "POST /PATH HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello" + last,
		"a long body":                    fmt.Sprintf("POST /PATH HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n%s", len(long), long) + last,
		"a body that ends early":         "POST /PATH HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 9\r\n\r\nhello",
		"chunks":                         "POST /PATH HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\n\r\n" + last,
		"chunks that are none":           "POST /PATH HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"a trailer":                      "POST /PATH HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n" + last,
		"a trailer that was not told":    "POST /PATH HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n" + last,
		"a body that waits for 100":      "POST /PATH HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello" + last,
		"an expectation":                 "POST /PATH HTTP/1.1\r\nHost: test\r\nExpect: wonders\r\nContent-Length: 5\r\n\r\nhello" + last,
		"a form":                         "POST /PATH HTTP/1.1\r\nHost: test\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\na=b%26&c=" + last,
		"a form in parts":                "POST /PATH HTTP/1.1\r\nHost: test\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 74\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n\"\r\n\r\nx\r\n--b--\r\n" + last,
		"an upgrade":                     "GET /PATH HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n" + last,
		"HTTP/2 by prior knowledge":      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"a range":                        "GET /PATH HTTP/1.1\r\nHost: test\r\nRange: bytes=1-3\r\n\r\n" + last,
		"a time that has not changed":    "GET /PATH HTTP/1.1\r\nHost: test\r\nIf-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n\r\n" + last,
		"no host":                        "GET /PATH HTTP/1.1\r\n\r\n",
		"two hosts":                      "GET /PATH HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"two lengths":                    "POST /PATH HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"a length and chunks":            "POST /PATH HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n" + last,
		"headers beyond the limit":       "GET /PATH HTTP/1.1\r\nHost: test\r\nX-Long: " + strings.Repeat("x", 2<<20) + "\r\n\r\n",
		"no HTTP":                        "\x16\x03\x01\x00",
		"lines that end without returns": "GET /PATH HTTP/1.1\nHost: test\nConnection: close\n\n",
	}
}

func rawPaths() []string {
	return []string{"tell", "ignore", "refuse", "flush", "long", "file", "abort"}
}

// rawRoutes are handlers that leave much of the answer to net/http.
func rawRoutes(tb testing.TB) *http.ServeMux {
	file := filepath.Join(tb.TempDir(), "file.txt")
	if err := os.WriteFile(file, bytes.Repeat([]byte("0123456789"), 10_000), 0o600); err != nil {
		tb.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/tell", tell)
	mux.HandleFunc("/ignore", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/refuse", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) })
	mux.HandleFunc("/flush", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "first")
		w.(http.Flusher).Flush()
		tell(w, r)
	})
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) {
		for range 100 {
			fmt.Fprint(w, strings.Repeat("long", 100))
		}
	})
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) })
	mux.HandleFunc("/abort", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "half")
		panic(http.ErrAbortHandler)
	})
	return mux
}

// tell answers with all that a handler can know of a request.
func tell(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	fmt.Fprintln(w, r.Method, r.URL, r.RequestURI, r.Proto, r.ProtoMajor, r.ProtoMinor, r.Host, r.ContentLength, r.TransferEncoding, r.Close, r.Pattern, host, err)
	var lines []string
	for name, values := range r.Header {
		lines = append(lines, fmt.Sprintf("%s: %q\n", name, values))
	}
	sort.Strings(lines)
	fmt.Fprint(w, lines)
	if r.Header.Get("Content-Type") != "" {
		err = r.ParseMultipartForm(1 << 20)
		fmt.Fprintln(w, r.Form, r.MultipartForm != nil, err)
	}
	body, err := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%q %v %v\n", body, err, r.Trailer)
}

// answer sends request on a connection of its own and returns what comes back,
// but for Date and X-Request-Id.
func answer(tb testing.TB, server *httptest.Server, request string) string {
	tb.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	// A server that refuses a request need not read all of it.
	_, _ = io.WriteString(conn, request)
	_ = conn.(*net.TCPConn).CloseWrite()
	all, err := io.ReadAll(conn)
	if err, ok := err.(net.Error); ok && err.Timeout() {
		tb.Fatalf("no end of the answer %.200q", all)
	}
	var kept strings.Builder
	for line := range bytes.Lines(all) {
		if !bytes.HasPrefix(line, []byte("Date: ")) && !bytes.HasPrefix(line, []byte("X-Request-Id: ")) {
			kept.Write(line)
		}
	}
	return kept.String()
}

func serveRaw(tb testing.TB, h http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	tb.Cleanup(server.Close)
	return server
}

// pair serves the same routes bare and observed.
func pair(tb testing.TB, options ...telemetry.Option) (bare, observed *httptest.Server) {
	r := telemetrytest.New(tb, append(options, telemetry.WithExporters(silentSpans()))...)
	routes := rawRoutes(tb)
	return serveRaw(tb, routes), serveRaw(tb, r.Handler(routes))
}

func withSpans(c *telemetry.Config) { c.Traces.Exporters = []string{"silent"} }

func TestAnswersAreThoseOfTheBareHandler(t *testing.T) {
	for name, change := range map[string]func(*telemetry.Config){
		"with spans": withSpans,
		"light":      func(c *telemetry.Config) { c.HTTP.SemconvMetrics = false },
	} {
		bare, observed := pair(t, telemetry.WithConfig(change))
		for request, raw := range rawRequests() {
			t.Run(name+"/"+request, func(t *testing.T) {
				for _, path := range rawPaths() {
					raw := strings.ReplaceAll(raw, "PATH", path)
					if diff := cmp.Diff(answer(t, bare, raw), answer(t, observed, raw)); diff != "" {
						t.Errorf("/%s is answered otherwise (-bare +observed):\n%.2000s", path, diff)
					}
				}
			})
		}
	}
}

func FuzzAnswer(f *testing.F) {
	for _, raw := range rawRequests() {
		if len(raw) < 1<<10 {
			f.Add([]byte(strings.ReplaceAll(raw, "PATH", "tell")))
			f.Add([]byte(strings.ReplaceAll(raw, "PATH", "flush")))
		}
	}
	bare, observed := pair(f, telemetry.WithConfig(withSpans))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if diff := cmp.Diff(answer(t, bare, string(raw)), answer(t, observed, string(raw))); diff != "" {
			t.Errorf("%q is answered otherwise (-bare +observed):\n%s", raw, diff)
		}
	})
}
