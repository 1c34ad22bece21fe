package otlpcollector

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Pair names the PEM files of a certificate and its key.
type Pair struct{ Certificate, Key string }

// Certificates names the PEM files of an authority and of those it vouches for.
// The servers' are for 127.0.0.1, ::1 and localhost.
type Certificates struct {
	// CA and OtherCA are authorities that know nothing of each other.
	CA, OtherCA string
	// Server and Client are good.
	Server, Client Pair
	// ExpiredServer and ExpiredClient were good until yesterday.
	ExpiredServer, ExpiredClient Pair
	// OtherClient is vouched for by OtherCA.
	OtherClient Pair
}

// NewCertificates writes the files to dir.
func NewCertificates(dir string) (*Certificates, error) {
	ca, err := newAuthority(dir, "ca")
	if err != nil {
		return nil, err
	}
	other, err := newAuthority(dir, "other-ca")
	if err != nil {
		return nil, err
	}
	c := &Certificates{CA: ca.path, OtherCA: other.path}
	tomorrow, yesterday := time.Now().Add(24*time.Hour), time.Now().Add(-24*time.Hour)
	var errs [5]error
	c.Server, errs[0] = ca.issue(dir, "server", tomorrow)
	c.Client, errs[1] = ca.issue(dir, "client", tomorrow)
	c.ExpiredServer, errs[2] = ca.issue(dir, "expired-server", yesterday)
	c.ExpiredClient, errs[3] = ca.issue(dir, "expired-client", yesterday)
	c.OtherClient, errs[4] = other.issue(dir, "other-client", tomorrow)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return c, nil
}

// TLS returns the configuration of a server with that certificate. With
// verifyClients it takes only clients that CA vouches for.
func (c *Certificates) TLS(server Pair, verifyClients bool) (*tls.Config, error) {
	certificate, err := tls.LoadX509KeyPair(server.Certificate, server.Key)
	if err != nil {
		return nil, fmt.Errorf("load server certificate: %w", err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	if verifyClients {
		text, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, fmt.Errorf("load authority: %w", err)
		}
		config.ClientCAs, config.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
		config.ClientCAs.AppendCertsFromPEM(text)
	}
	return config, nil
}

// authority signs certificates.
type authority struct {
	path        string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(dir, name string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	text, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	certificate, err := x509.ParseCertificate(text)
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	a := &authority{filepath.Join(dir, name+".pem"), certificate, key}
	return a, writePEM(a.path, "CERTIFICATE", text)
}

// issue writes a certificate for client and server, and its key.
func (a *authority) issue(dir, name string, until time.Time) (Pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, fmt.Errorf("make certificate: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, DNSNames: []string{"localhost"},
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		return Pair{}, fmt.Errorf("make certificate: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Pair{}, fmt.Errorf("make certificate: %w", err)
	}
	pair := Pair{filepath.Join(dir, name+".pem"), filepath.Join(dir, name+"-key.pem")}
	return pair, errors.Join(writePEM(pair.Certificate, "CERTIFICATE", certificate), writePEM(pair.Key, "PRIVATE KEY", private))
}

func writePEM(path, kind string, text []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: text}), 0o600)
}
