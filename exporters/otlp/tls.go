package otlp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/tutorflow/observability/internal/regularfile"
)

// maxFile is far more than the authorities of a whole system need.
const maxFile = 4 << 20

// setTLS makes the configuration for the scheme https. With another, files that
// would not be used are errors: whoever names them relies on them.
func (d *destination) setTLS(scheme string) (errs []error) {
	given := false
	for _, f := range []struct{ field, path string }{
		{"certificate", d.settings.Certificate},
		{"client certificate", d.settings.ClientCertificate},
		{"client key", d.settings.ClientKey},
	} {
		given = given || f.path != ""
		if f.path != "" && (scheme == "http" || scheme == "unix") {
			errs = append(errs, fmt.Errorf("%s %.256q: allowed only with the scheme https, with %s it would not be used", f.field, f.path, scheme))
		}
	}
	if scheme != "https" && (!given || len(errs) > 0) {
		return errs
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if path := d.settings.Certificate; path != "" {
		text, err := readFile("certificate", path)
		config.RootCAs = x509.NewCertPool()
		if err == nil && !config.RootCAs.AppendCertsFromPEM(text) {
			err = fmt.Errorf("certificate %.256q: has no PEM certificate", path)
		}
		errs = append(errs, err)
	}
	pair, err := d.clientCertificate()
	if pair != nil {
		config.Certificates = []tls.Certificate{*pair}
	}
	d.tls = config
	return append(errs, err)
}

// clientCertificate reads what proves who the client is, nil where nothing does.
func (d *destination) clientCertificate() (*tls.Certificate, error) {
	certificate, key := d.settings.ClientCertificate, d.settings.ClientKey
	switch {
	case certificate == "" && key == "":
		return nil, nil
	case key == "":
		return nil, fmt.Errorf("client certificate %.256q: the client key is needed as well", certificate)
	case certificate == "":
		return nil, fmt.Errorf("client key %.256q: the client certificate is needed as well", key)
	}
	certificateText, certificateErr := readFile("client certificate", certificate)
	keyText, keyErr := readFile("client key", key)
	if err := errors.Join(certificateErr, keyErr); err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certificateText, keyText)
	if err != nil {
		return nil, fmt.Errorf("client certificate %.256q and key %.256q: %w", certificate, key, err)
	}
	if until := pair.Leaf.NotAfter; until.Before(time.Now()) {
		return nil, fmt.Errorf("client certificate %.256q: expired at %s", certificate, until.UTC().Format(time.RFC3339))
	}
	return &pair, nil
}

func readFile(field, path string) ([]byte, error) {
	text, err := regularfile.Read(path, maxFile)
	if err != nil {
		return nil, fmt.Errorf("%s %.256q: %w", field, path, cause(err))
	}
	return text, nil
}

// cause is err without the path, which stands before it already.
func cause(err error) error {
	var withPath *os.PathError
	if errors.As(err, &withPath) {
		return withPath.Err
	}
	return err
}
