package admin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/telemetry/internal/admin"
)

// issue writes a certificate for 127.0.0.1 that signs itself.
func issue(t *testing.T, config admin.Config, serial int64) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{
		config.Certificate: {Type: "CERTIFICATE", Bytes: der},
		config.Key:         {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// trusting is a client that trusts one certificate.
func trusting(certificate *x509.Certificate) *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

func TestTLS(t *testing.T) {
	config := secured()
	config.Certificate, config.Key = filepath.Join(t.TempDir(), "a.pem"), filepath.Join(t.TempDir(), "a.key")
	first := issue(t, config, 1)
	h := serve(t, config, nil)
	fetch := func(certificate *x509.Certificate) (*http.Response, error) {
		client := trusting(certificate)
		defer client.CloseIdleConnections()
		request, err := http.NewRequestWithContext(t.Context(), "GET", "https://"+h.Addr().String()+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := client.Do(request)
		if err == nil {
			_, err = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
		return response, err
	}
	if response, err := fetch(first); err != nil || response.StatusCode != http.StatusOK || response.ProtoMajor != 1 {
		t.Fatalf("%v, %+v", err, response)
	}

	second := issue(t, config, 2)
	if response, err := fetch(second); err != nil || response.TLS.PeerCertificates[0].SerialNumber.Int64() != 2 {
		t.Errorf("the renewed certificate is not served: %v", err)
	}
	if got := h.failures(); got != "" {
		t.Errorf("failed: %s", got)
	}
	if _, err := fetch(first); err == nil {
		t.Error("the old certificate is still served")
	}
	waitFor(t, func() bool {
		return strings.Contains(h.failures(), "serve admin: http: TLS handshake error from 127.0.0.1:")
	})

	if status, body := get(t, h, "/metrics"); status != http.StatusBadRequest || strings.Contains(body, metric) {
		t.Errorf("without TLS: status %d: %s", status, body)
	}
}

func TestKeyOfAnotherCertificateIsAnError(t *testing.T) {
	config, other := local(), local()
	config.Certificate, config.Key = filepath.Join(t.TempDir(), "a.pem"), filepath.Join(t.TempDir(), "a.key")
	other.Certificate, other.Key = filepath.Join(t.TempDir(), "b.pem"), config.Key
	issue(t, config, 1)
	issue(t, other, 2)
	if server, err := admin.New(config, admin.Parts{}); err == nil || !strings.Contains(err.Error(), "private key does not match") {
		t.Errorf("the error is %v, the server %v", err, server)
	}
}

// TestCertificateThatBecomesEndlessIsNotRead has one that was good when the
// server started.
func TestCertificateThatBecomesEndlessIsNotRead(t *testing.T) {
	config := local()
	config.Certificate, config.Key = filepath.Join(t.TempDir(), "a.pem"), filepath.Join(t.TempDir(), "a.key")
	issue(t, config, 1)
	h := serve(t, config, nil)
	if err := errors.Join(os.Remove(config.Key), os.Symlink("/dev/zero", config.Key)); err != nil {
		t.Fatal(err)
	}
	conn := tls.Client(dial(t, h), &tls.Config{InsecureSkipVerify: true})
	if err := conn.HandshakeContext(t.Context()); err == nil {
		t.Error("the handshake succeeds")
	}
	waitFor(t, func() bool { return strings.Contains(h.failures(), "not a regular file") })
}
