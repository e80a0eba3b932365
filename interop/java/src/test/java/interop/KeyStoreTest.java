package interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateKey;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;

/** The PKCS#12 file that the sandbox hands out, in Java's key store, used as an eHealth certificate is used. */
class KeyStoreTest {
    @Test
    void aCertificateOfTheSandboxSignsAnAssertion() throws Exception {
        String body = Sandbox.JSON.writeValueAsString(Map.of("type", "NIHII-HOSPITAL", "identifier", "71099911", "name", "AZ Zandbak", "password", "geheim"));
        var made = Sandbox.HTTP.send(HttpRequest.newBuilder(URI.create(Sandbox.URL + "/_sandbox/iam/certificates")).header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(Base64.getDecoder().decode(Sandbox.JSON.readTree(made.body()).get("pkcs12").asText())), "geheim".toCharArray());
        RSAPrivateKey key = (RSAPrivateKey) store.getKey("authentication", "geheim".toCharArray());
        X509Certificate certificate = (X509Certificate) store.getCertificate("authentication");
        assertThat(key).isNotNull();
        assertThat(certificate.getSubjectX500Principal().getName()).contains("71099911");
        certificate.checkValidity();

        // As the Java pseudonymisation helper asks for a token: no kid, no iat, no scope, an extra claim.
        Date end = Date.from(Instant.now().plusSeconds(60));
        var assertion = new SignedJWT(new JWSHeader(JWSAlgorithm.RS256), new JWTClaimsSet.Builder().issuer("demo-m2m-noscope").subject("demo-m2m-noscope")
            .audience(Sandbox.M2M).jwtID(UUID.randomUUID().toString()).expirationTime(end).claim("grant_type", "client_credentials").build());
        assertion.sign(new RSASSASigner(key));
        var token = Sandbox.token(Sandbox.M2M, Map.of("grant_type", "client_credentials", "client_id", "demo-m2m-noscope",
            "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion", assertion.serialize()));
        var claims = SignedJWT.parse(token.get("access_token").asText()).getJWTClaimsSet();
        assertThat(claims.getJSONObjectClaim("resource_access")).containsKey("ehealth-pseudo-api");
        assertThat(Pseudonym.of("54022899886", token.get("access_token").asText())).startsWith("urn:be:fgov:pseudo:v2:");
    }
}
