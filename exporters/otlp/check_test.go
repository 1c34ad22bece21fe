package otlp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/otlp"
)

func TestBadSettingsAreFoundBeforeOpening(t *testing.T) {
	t.Parallel()
	files := certificates(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	empty, large := write("empty.pem", ""), write("large.pem", strings.Repeat("x", 5<<20))
	good := func(o *exporters.OTLP) { o.Endpoint = "https://collector.test"; trust(o, files, files.Client) }
	header := func(name, value string) func(*exporters.OTLP) {
		return func(o *exporters.OTLP) { o.Headers = map[string]string{name: value} }
	}
	overHTTP := func(change func(*exporters.OTLP)) func(*exporters.OTLP) {
		return func(o *exporters.OTLP) {
			o.Protocol, o.Endpoint = "http/protobuf", "http://127.0.0.1:4318/v1/metrics"
			change(o)
		}
	}
	endpoint := func(e string) func(*exporters.OTLP) { return func(o *exporters.OTLP) { o.Endpoint = e } }
	for name, test := range map[string]struct {
		change func(*exporters.OTLP)
		want   []string
	}{
		"the protocol must be known":         {func(o *exporters.OTLP) { o.Protocol = "http/json" }, []string{`protocol "http/json": allowed are "grpc" and "http/protobuf"`}},
		"an endpoint is needed":              {endpoint(""), []string{`endpoint "": allowed is a URL like http://localhost:4317`}},
		"a name and port are no URL":         {endpoint("localhost:4317"), []string{`endpoint "localhost:4317": allowed are the schemes http, https and unix, as in http://localhost:4317`}},
		"an address and port are no URL":     {endpoint("127.0.0.1:4317"), []string{`endpoint "127.0.0.1:4317": not a URL like http://localhost:4317`}},
		"a name alone is no URL":             {endpoint("collector.internal"), []string{`endpoint "collector.internal": allowed are the schemes http, https and unix, as in http://localhost:4317`}},
		"an escape must be whole":            {endpoint("http://%zz"), []string{`endpoint "http://%zz": not a URL like http://localhost:4317`}},
		"the scheme must be known":           {endpoint("grpc://collector:4317"), []string{`endpoint "grpc://collector:4317": allowed are the schemes http, https and unix, as in http://localhost:4317`}},
		"over HTTP the example differs":      {overHTTP(endpoint("localhost:4318")), []string{`endpoint "localhost:4318": allowed are the schemes http, https and unix, as in http://localhost:4318/v1/metrics`}},
		"a host is needed":                   {endpoint("http://:4317"), []string{`endpoint "http://:4317": a host is needed, as in http://localhost:4317`}},
		"a port has a limit":                 {endpoint("http://collector:99999"), []string{`endpoint "http://collector:99999": allowed are the ports 1 to 65535`}},
		"port 0 is none":                     {endpoint("http://collector:0"), []string{`endpoint "http://collector:0": allowed are the ports 1 to 65535`}},
		"gRPC has no path":                   {endpoint("http://collector:4317/v1/traces"), []string{`endpoint "http://collector:4317/v1/traces": gRPC knows no path, allowed is one like http://localhost:4317`}},
		"a password does not belong there":   {endpoint("http://me:s3cret@collector:4317"), []string{`endpoint "http://collector:4317": user and password are not allowed, credentials go into a header`}},
		"nor is it shown in no URL":          {endpoint("http://me:s3cret%zz@collector:4317"), []string{`endpoint "…@collector:4317": not a URL like http://localhost:4317`}},
		"a query does not belong there":      {endpoint("http://collector:4317?key=s3cret"), []string{`endpoint "http://collector:4317": a query or fragment is not allowed`}},
		"nor is it shown with odd schemes":   {endpoint("grpc://me:s3cret@collector?key=s3cret"), []string{`endpoint "…@collector…": allowed are the schemes http, https and unix, as in http://localhost:4317`}},
		"a fragment does not belong there":   {endpoint("http://collector:4317#traces"), []string{`endpoint "http://collector:4317": a query or fragment is not allowed`}},
		"a socket has no host":               {endpoint("unix://run/otel.sock"), []string{`endpoint "unix://run/otel.sock": allowed is the absolute path of a socket, as in unix:///run/otel.sock`}},
		"a socket's path is absolute":        {endpoint("unix:otel.sock"), []string{`endpoint "unix:otel.sock": allowed is the absolute path of a socket, as in unix:///run/otel.sock`}},
		"the compression must be known":      {func(o *exporters.OTLP) { o.Compression = "zstd" }, []string{`compression "zstd": allowed are "gzip" and "none"`}},
		"a timeout is needed":                {func(o *exporters.OTLP) { o.Timeout = 0 }, []string{"timeout 0s: allowed is more than 0s and at most 10m0s"}},
		"a timeout is not negative":          {func(o *exporters.OTLP) { o.Timeout = -time.Second }, []string{"timeout -1s: allowed is more than 0s and at most 10m0s"}},
		"a timeout has a limit":              {func(o *exporters.OTLP) { o.Timeout = time.Hour }, []string{"timeout 1h0m0s: allowed is more than 0s and at most 10m0s"}},
		"the temporality must be known":      {func(o *exporters.OTLP) { o.Temporality = "Delta" }, []string{`temporality "Delta": allowed are "cumulative", "delta" and "lowmemory"`}},
		"a certificate must be there":        {func(o *exporters.OTLP) { good(o); o.Certificate = "/nowhere/ca.pem" }, []string{`certificate "/nowhere/ca.pem": no such file or directory`}},
		"a certificate must be in PEM":       {func(o *exporters.OTLP) { good(o); o.Certificate = empty }, []string{`certificate "` + empty + `": has no PEM certificate`}},
		"a certificate is a file":            {func(o *exporters.OTLP) { good(o); o.Certificate = dir }, []string{`certificate "` + dir + `": not a regular file`}},
		"a certificate is not large":         {func(o *exporters.OTLP) { good(o); o.Certificate = large }, []string{`certificate "` + large + `": has more than 4194304 bytes`}},
		"a key must be there":                {func(o *exporters.OTLP) { good(o); o.ClientKey = "/nowhere/key.pem" }, []string{`client key "/nowhere/key.pem": no such file or directory`}},
		"a key must be in PEM":               {func(o *exporters.OTLP) { good(o); o.ClientKey = empty }, []string{`client certificate "` + files.Client.Certificate + `" and key "` + empty + `": tls: failed to find any PEM data in key input`}},
		"a key must match its certificate":   {func(o *exporters.OTLP) { good(o); o.ClientKey = files.OtherClient.Key }, []string{`client certificate "` + files.Client.Certificate + `" and key "` + files.OtherClient.Key + `": tls: private key does not match public key`}},
		"a certificate needs its key":        {func(o *exporters.OTLP) { good(o); o.ClientKey = "" }, []string{`client certificate "` + files.Client.Certificate + `": the client key is needed as well`}},
		"a key needs its certificate":        {func(o *exporters.OTLP) { good(o); o.ClientCertificate = "" }, []string{`client key "` + files.Client.Key + `": the client certificate is needed as well`}},
		"clear text uses no authority":       {func(o *exporters.OTLP) { o.Certificate = files.CA }, []string{`certificate "` + files.CA + `": allowed only with the scheme https, with http it would not be used`}},
		"a socket uses no authority":         {func(o *exporters.OTLP) { o.Certificate, o.Endpoint = files.CA, "unix:///run/s" }, []string{`certificate "` + files.CA + `": allowed only with the scheme https, with unix it would not be used`}},
		"a header needs a name":              {header("", "s3cret"), []string{`header "": allowed is ` + exporters.AllowedHeader}},
		"a header's name has no spaces":      {header("api key", "s3cret"), []string{`header "api key": allowed is ` + exporters.AllowedHeader}},
		"nor over HTTP":                      {overHTTP(header("api key", "s3cret")), []string{`header "api key": allowed is ` + exporters.AllowedHeader}},
		"gRPC's own headers are its own":     {header("grpc-timeout", "s3cret"), []string{`header "grpc-timeout": allowed is ` + exporters.AllowedHeader}},
		"the type of content is given":       {overHTTP(header("Content-Type", "s3cret")), []string{`header "Content-Type": allowed is ` + exporters.AllowedHeader}},
		"a value has no line breaks":         {overHTTP(header("authorization", "s3cret\r\nx: y")), []string{`header "authorization": allowed is ` + exporters.AllowedHeader}},
		"a value is ASCII":                   {header("authorization", "s3crét"), []string{`header "authorization": allowed is ` + exporters.AllowedHeader}},
		"a header is given once":             {func(o *exporters.OTLP) { o.Headers = map[string]string{"X-Key": "s3cret", "x-key": "s3cret"} }, []string{`header "x-key": given twice, upper and lower case are the same`}},
		"an expired client is found in time": {func(o *exporters.OTLP) { good(o); trust(o, files, files.ExpiredClient) }, []string{`client certificate "` + files.ExpiredClient.Certificate + `": expired at `}},
		"all that is wrong is told": {func(o *exporters.OTLP) {
			o.Endpoint, o.Compression, o.Timeout, o.ClientKey = "x", "x", -1, "/nowhere"
		}, []string{
			`endpoint "x": allowed are the schemes http, https and unix, as in http://localhost:4317`,
			`client key "/nowhere": the client certificate is needed as well`,
			`compression "x": allowed are "gzip" and "none"`,
			"timeout -1ns: allowed is more than 0s and at most 10m0s",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			with := exporters.Settings{OTLP: exporters.OTLP{Protocol: "grpc", Endpoint: "http://127.0.0.1:4317", Timeout: time.Second}}
			test.change(&with.OTLP)
			err := otlp.New().Check(exporters.Metrics, with)
			if err == nil {
				t.Fatal("there is no error")
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(test.want) {
				t.Fatalf("the errors are %q", lines)
			}
			for i, want := range test.want {
				want = "open otlp exporter for metrics: " + want
				if got := lines[i]; got != want && (!strings.HasSuffix(want, "expired at ") || !strings.HasPrefix(got, want)) {
					t.Errorf("error %s\nwant  %s", got, want)
				}
			}
			if strings.Contains(err.Error(), "s3cr") {
				t.Errorf("the secret is shown: %v", err)
			}
			if _, openErr := otlp.New().Metrics(t.Context(), with); openErr == nil || openErr.Error() != err.Error() {
				t.Errorf("opening gave %v, want %v", openErr, err)
			}
		})
	}
}

func TestGoodSettings(t *testing.T) {
	t.Parallel()
	files := certificates(t)
	for name, o := range map[string]exporters.OTLP{
		"a host alone":               {Protocol: "grpc", Endpoint: "http://collector"},
		"an address of IPv6":         {Protocol: "grpc", Endpoint: "http://[::1]:4317/"},
		"a vendor":                   {Protocol: "http/protobuf", Endpoint: "https://collector.test/v1/traces"},
		"any path over HTTP":         {Protocol: "http/protobuf", Endpoint: "http://collector/api/otlp"},
		"a socket":                   {Protocol: "http/protobuf", Endpoint: "unix:///run/otel.sock"},
		"TLS on both sides":          {Protocol: "grpc", Endpoint: "https://collector", Certificate: files.CA, ClientCertificate: files.Client.Certificate, ClientKey: files.Client.Key},
		"a client of the system's":   {Protocol: "grpc", Endpoint: "https://collector", ClientCertificate: files.Client.Certificate, ClientKey: files.Client.Key},
		"headers":                    {Protocol: "grpc", Endpoint: "http://collector", Headers: map[string]string{"Authorization": "Bearer x"}},
		"headers over HTTP":          {Protocol: "http/protobuf", Endpoint: "http://collector", Headers: map[string]string{"Authorization": "Bearer x", "x_1.y": ""}},
		"another's temporality":      {Protocol: "grpc", Endpoint: "http://collector", Temporality: "delta"},
		"the longest timeout":        {Protocol: "grpc", Endpoint: "http://collector", Timeout: 10 * time.Minute},
		"a scheme in capital letter": {Protocol: "grpc", Endpoint: "HTTP://collector"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if o.Timeout == 0 {
				o.Timeout = time.Second
			}
			for _, signal := range exporters.Signals() {
				if err := otlp.New().Check(signal, exporters.Settings{OTLP: o}); err != nil {
					t.Error(err)
				}
				if err := open(t, signal, exporters.Settings{OTLP: o}).shutdown(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestFileThatVanishesIsAnErrorOfOpening(t *testing.T) {
	t.Parallel()
	files := certificates(t)
	with := exporters.Settings{OTLP: exporters.OTLP{Protocol: "grpc", Endpoint: "https://127.0.0.1:1", Timeout: time.Second, Certificate: files.CA}}
	for _, signal := range exporters.Signals() {
		if err := otlp.New().Check(signal, with); err != nil {
			t.Error(err)
		}
	}
	if err := os.Remove(files.CA); err != nil {
		t.Fatal(err)
	}
	want := `: certificate "` + files.CA + `": no such file or directory`
	if _, err := otlp.New().Traces(t.Context(), with); err == nil || err.Error() != "open otlp exporter for traces"+want {
		t.Errorf("the error is %v", err)
	}
	if _, err := otlp.New().Logs(t.Context(), with); err == nil || err.Error() != "open otlp exporter for logs"+want {
		t.Errorf("the error is %v", err)
	}
}
