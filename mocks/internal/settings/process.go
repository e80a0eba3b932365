package settings

func processTable() []Setting {
	return []Setting{
		{Name: "listen", Default: "127.0.0.1:8080", Help: "address and port to listen on; port 0 takes a free one"},
		{Name: "public-url", Help: "fixed origin of every generated URL; unset, URLs follow the request"},
		{Name: "data", Help: "directory that keeps all data; unset, data is temporary"},
		{Name: "seed", Help: "number that makes a run repeat byte for byte; unset, identifiers are random"},
		{Name: "clock", Help: "instant (RFC 3339) at which the clock of every new tenant stands still; unset, clocks run"},
		{Name: "fixtures", Help: "directory whose files replace the built-in seed files of the same name"},
		{Name: "ready-file", Help: "file that receives the base URL once every route answers"},
		{Name: "admin-listen", Help: "address of a listener of its own for /_sandbox; unset, it shares the main one"},
		{Name: "admin-token", Help: "bearer token that /_sandbox asks for; unset, none"},
		{Name: "admin-hosts", Kind: List, Help: "host names, besides loopback and the public URL, under which /_sandbox answers browsers"},
		{Name: "real-ssin", Default: "warn", Values: []string{"warn", "refuse"}, PerTenant: true, Help: "what to do with a national number that may belong to a living person"},
		{Name: "journal-entries", Kind: Int, Default: "1000", Help: "journal size per tenant in entries"},
		{Name: "journal-bytes", Kind: Int, Default: "8388608", Help: "journal size per tenant in bytes"},
		{Name: "tenant-idle", Kind: Duration, Default: "1h", Help: "idle time after which a tenant other than default is dropped (its data too, unless -data is set); 0s keeps all"},
		{Name: "tenant-max", Kind: Int, Default: "10000", Help: "most tenants at one time"},
		{Name: "log", Default: "warn", Values: []string{"debug", "info", "warn", "error"}, Help: "lowest level that is logged to standard error"},
		{Name: "shutdown-timeout", Kind: Duration, Default: "5s", Help: "time that requests under way get when the sandbox stops"},
	}
}
