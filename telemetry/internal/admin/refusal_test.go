package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/internal/admin"
)

func TestEachRefusalIsToldWithItsPeerAndNothingElse(t *testing.T) {
	control := "/telemetry/loggers?level=debug"
	for name, test := range map[string]struct {
		config admin.Config
		change func(*http.Request)
		want   catalog.Refusal
		code   int
	}{
		"a wrong token":     {secured(), bearer("hunter2"), catalog.RefusedToken, http.StatusUnauthorized},
		"another machine":   {local(), func(*http.Request) {}, catalog.RefusedPeer, http.StatusForbidden},
		"a foreign host":    {local(), func(r *http.Request) { r.RemoteAddr, r.Host = "[::1]:4711", "hunter2.example.com" }, catalog.RefusedHost, http.StatusMisdirectedRequest},
		"another site's":    {local(), func(r *http.Request) { r.Header.Set("Origin", "https://hunter2.example.com") }, catalog.RefusedOrigin, http.StatusForbidden},
		"a token in a path": {secured(), func(r *http.Request) { r.URL.Path = "/hunter2" }, catalog.RefusedToken, http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			h := serve(t, test.config, nil)
			peer := "203.0.113.7:4711"
			response := h.ask(http.MethodPut, control, from(peer), test.change, func(r *http.Request) { peer = r.RemoteAddr })
			if response.Code != test.code || strings.Contains(response.Body.String(), "hunter2") {
				t.Errorf("status %d, want %d: %s", response.Code, test.code, response.Body)
			}
			if diff := cmp.Diff([]catalog.Refusal{test.want}, h.refused); diff != "" {
				t.Errorf("counted (-want +got):\n%s", diff)
			}
			if got, want := h.failures(), "serve admin: refused a request by its "+test.want.String()+", from "+peer; got != want {
				t.Errorf("told %q, want %q", got, want)
			}
		})
	}
}

func TestWhatIsAnsweredIsNoRefusal(t *testing.T) {
	h := serve(t, secured(), nil)
	for path, token := range map[string]string{"/health/live": "", "/metrics": token, "/nowhere": token} {
		h.ask(http.MethodGet, path, bearer(token))
	}
	if len(h.refused) != 0 {
		t.Errorf("refused: %v", h.refused)
	}
}
