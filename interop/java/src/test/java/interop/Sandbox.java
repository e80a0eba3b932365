package interop;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;

/** Where the sandbox is, and how a person and a machine get their tokens without a browser. */
final class Sandbox {
    static final String URL = System.getProperty("sandbox.url", "http://localhost:8080");
    static final String HEALTHCARE = URL + "/auth/realms/healthcare";
    static final String M2M = URL + "/auth/realms/M2M";
    static final String REDIRECT = "http://localhost/iam-connect-endpoint/";
    static final ObjectMapper JSON = new ObjectMapper();
    static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER).build();

    private Sandbox() {}

    /** The key of the seeded machine clients, public on purpose; kid as their eHealth certificate has it. */
    static RSAKey clientKey(String kid) {
        try {
            String pem = Files.readString(Path.of(System.getProperty("sandbox.key", "../../fixtures/iam/keys/demo-client.pem")))
                .replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
            KeyFactory rsa = KeyFactory.getInstance("RSA");
            RSAPrivateCrtKey key = (RSAPrivateCrtKey) rsa.generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
            var pub = rsa.generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent()));
            return new RSAKey.Builder((java.security.interfaces.RSAPublicKey) pub).privateKey(key)
                .keyID(kid).keyUse(KeyUse.SIGNATURE).algorithm(JWSAlgorithm.RS256).build();
        } catch (Exception e) {
            throw new IllegalStateException("seeded client key", e);
        }
    }

    /** Authorization code with PKCE for a persona; answers the token response. */
    static JsonNode login(String persona, String client) throws Exception {
        String verifier = UUID.randomUUID() + "-" + UUID.randomUUID();
        String challenge = Base64.getUrlEncoder().withoutPadding().encodeToString(
            MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        var query = form(Map.of("client_id", client, "redirect_uri", REDIRECT, "response_type", "code", "scope", "openid", "state", "s",
            "code_challenge", challenge, "code_challenge_method", "S256", "kc_idp_hint", "sandbox-auto", "login_hint", persona));
        var answer = HTTP.send(HttpRequest.newBuilder(URI.create(HEALTHCARE + "/protocol/openid-connect/auth?" + query)).build(),
            HttpResponse.BodyHandlers.ofString());
        String location = answer.headers().firstValue("location")
            .orElseThrow(() -> new IOException("authorization: " + answer.statusCode() + " " + answer.body()));
        String code = location.replaceFirst(".*[?&]code=([^&]+).*", "$1");
        return token(HEALTHCARE, Map.of("grant_type", "authorization_code", "client_id", client, "code", code,
            "redirect_uri", REDIRECT, "code_verifier", verifier));
    }

    static JsonNode exchange(String accessToken, String client, String audience) throws Exception {
        return token(HEALTHCARE, Map.of("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange", "client_id", client,
            "subject_token", accessToken, "subject_token_type", "urn:ietf:params:oauth:token-type:access_token", "audience", audience));
    }

    static JsonNode token(String realm, Map<String, String> fields) throws Exception {
        var answer = HTTP.send(HttpRequest.newBuilder(URI.create(realm + "/protocol/openid-connect/token"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form(fields))).build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) throw new IOException("token: " + answer.statusCode() + " " + answer.body());
        return JSON.readTree(answer.body());
    }

    static String form(Map<String, String> fields) {
        return new LinkedHashMap<>(fields).entrySet().stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8)).collect(Collectors.joining("&"));
    }
}
