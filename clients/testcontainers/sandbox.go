// Package sandbox starts the eHealth sandbox in a container for tests, in the
// manner of testcontainers-go modules.
//
//	c, err := sandbox.Run(ctx, "sandbox:test")
//	testcontainers.CleanupContainer(t, c)
//	if err != nil { t.Fatal(err) }
//	issuer := c.IssuerURL("healthcare")
//
// The container is ready when Run returns. Its public URL is fixed to the
// mapped port, so that the issuer in tokens is the URL the test uses. One
// container serves many parallel tests: give each a tenant, see TenantURL.
package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

// Port is the port the sandbox listens on inside the container.
const Port = "8080/tcp"

// startTimeout bounds the start; pollInterval is how often readiness is asked.
const (
	startTimeout = 60 * time.Second
	pollInterval = 25 * time.Millisecond
)

// Container is a running sandbox.
type Container struct {
	testcontainers.Container
	baseURL string
}

// Run starts the image. Options are those of this package mixed with any of
// testcontainers. When starting fails the container is returned with the
// error, so that testcontainers.CleanupContainer can remove it.
func Run(ctx context.Context, image string, opts ...testcontainers.ContainerCustomizer) (*Container, error) {
	settings := options{fixURL: true}
	all := []testcontainers.ContainerCustomizer{
		testcontainers.WithExposedPorts(Port),
		testcontainers.WithWaitStrategy(wait.ForHTTP("/_sandbox/ready").WithPort(Port).WithPollInterval(pollInterval).WithStartupTimeout(startTimeout)),
	}
	for _, o := range opts {
		if own, ok := o.(Option); ok {
			own(&settings)
		}
	}
	if len(settings.env) > 0 {
		all = append(all, testcontainers.WithEnv(settings.env))
	}
	all = append(all, opts...)
	inner, err := testcontainers.Run(ctx, image, all...)
	var c *Container
	if inner != nil {
		c = &Container{Container: inner}
	}
	if err != nil {
		return c, fmt.Errorf("run the sandbox: %w", err)
	}
	if c.baseURL, err = inner.PortEndpoint(ctx, Port, "http"); err != nil {
		return c, fmt.Errorf("find the sandbox's port: %w", err)
	}
	if settings.fixURL {
		if err := c.fixURL(ctx); err != nil {
			return c, err
		}
	}
	return c, nil
}

// BaseURL is where the test reaches the sandbox: scheme, host and mapped port.
func (c *Container) BaseURL() string { return c.baseURL }

// TenantURL is the base URL of an isolated world of its own, made on first
// use: give each parallel test one.
func (c *Container) TenantURL(tenant string) string { return c.baseURL + "/t/" + tenant }

// IssuerURL is the issuer of a realm, "healthcare" or "M2M", of the default
// tenant.
func (c *Container) IssuerURL(realm string) string { return c.baseURL + "/auth/realms/" + realm }

// fixURL tells the sandbox under which URL it was published.
func (c *Container) fixURL(ctx context.Context) error {
	body, err := json.Marshal(map[string]string{"url": c.baseURL})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, c.baseURL+"/_sandbox/public-url", bytes.NewReader(body))
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("fix the public URL: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<10)) // only for the message
		return fmt.Errorf("fix the public URL: %s: %s", res.Status, text)
	}
	return nil
}

type options struct {
	env    map[string]string
	fixURL bool
}

// Option is an option of this module; it can stand among those of
// testcontainers.
type Option func(*options)

// Customize implements testcontainers.ContainerCustomizer; Run applies the
// option itself.
func (Option) Customize(*testcontainers.GenericContainerRequest) error { return nil }

// WithSetting sets one setting by its flag name, for instance
// "iam-assertion-mode" to "strict" (docs/settings.md).
func WithSetting(name, value string) Option {
	return func(o *options) {
		if o.env == nil {
			o.env = map[string]string{}
		}
		o.env["SANDBOX_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_"))] = value
	}
}

// WithSeed makes identifiers repeat from run to run.
func WithSeed(seed uint64) Option { return WithSetting("seed", fmt.Sprint(seed)) }

// WithoutFixedURL lets generated URLs follow each request, for clients in
// other containers of the same network.
func WithoutFixedURL() Option { return func(o *options) { o.fixURL = false } }
