package interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

import org.bouncycastle.jce.ECNamedCurveTable;
import org.junit.jupiter.api.Test;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWEObjectJSON;
import com.nimbusds.jose.crypto.DirectDecrypter;
import com.nimbusds.jose.crypto.MultiDecrypter;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;

/**
 * The owner's side of the domain uhmep_v1 with Nimbus JOSE and Bouncy Castle, the two libraries under the Java helper:
 * its way from the domain document to the secret keys, and from a pseudonym in transit to the pseudonym at rest.
 */
class NimbusOwnerTest {
    private static String get(String url, String accept, String token) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url)).header("Accept", accept);
        if (token != null) request.header("Authorization", "Bearer " + token);
        var answer = Sandbox.HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    @Test
    void anOwnerOpensEverySecretKeyAndEveryBox() throws Exception {
        String token = Sandbox.login("dr-peeters", "nihdi-uhmep-hcp").get("access_token").asText();
        String document = get(Sandbox.URL + "/pseudo/v1/domains/uhmep_v1", "application/json", token);
        Map<String, Object> domain = JSONObjectUtils.parse(document);
        JsonNode tree = Sandbox.JSON.readTree(document);
        String jku = null;
        for (JsonNode url : tree.get("jku")) if (url.asText().contains("UHMEP")) jku = url.asText();
        assertThat(jku).isNotNull();
        URI at = URI.create(jku);
        JWKSet owners = JWKSet.parse(get(Sandbox.URL + at.getRawPath() + "?" + at.getRawQuery(), "application/json", null));
        RSAKey secret = (RSAKey) JWK.parse(get(Sandbox.URL + "/_sandbox/pseudo/owners/UHMEP/private-key", "application/jwk+json", null));

        var keys = new HashMap<String, OctetSequenceKey>();
        String active = null;
        for (Map<String, Object> entry : JSONObjectUtils.getJSONObjectArray(domain, "secretKeys")) {
            JWEObjectJSON encoded = JWEObjectJSON.parse(JSONObjectUtils.getJSONObject(entry, "encoded"));
            String mine = jku;
            String kid = encoded.getRecipients().stream().map(JWEObjectJSON.Recipient::getUnprotectedHeader)
                .filter(h -> mine.equals(h.getParam("jku"))).map(h -> h.getKeyID()).findFirst().orElseThrow();
            JWK published = owners.getKeyByKeyId(kid);
            assertThat(published.getX509CertSHA256Thumbprint()).as("x5t#S256 of " + kid).isNotNull();
            encoded.decrypt(new MultiDecrypter(new RSAKey.Builder(published.toRSAKey()).privateKey(secret.toRSAPrivateKey()).build()));
            OctetSequenceKey key = (OctetSequenceKey) JWK.parse(encoded.getPayload().toString());
            assertThat(key.getAlgorithm().getName()).isEqualTo("A256GCM");
            keys.put((String) entry.get("kid"), key);
            if (Boolean.TRUE.equals(entry.get("active"))) active = (String) entry.get("kid");
        }
        assertThat(keys).containsKey(active);

        var rests = new ArrayList<BigInteger>();
        for (String ssin : new String[] {"54022899886", "54022899886", "71011599751"}) {
            String[] parts = Pseudonym.of(ssin, token).replaceFirst("^urn:be:fgov:pseudo:v2:", "").split(":", 2);
            JWEObject box = JWEObject.parse(parts[1]);
            assertThat(box.getHeader().getCustomParam("aud")).isEqualTo(domain.get("audience"));
            assertThat(box.getHeader().getKeyID()).isEqualTo(active);
            box.decrypt(new DirectDecrypter(keys.get(active).toSecretKey("A256GCM")));
            Map<String, Object> payload = box.getPayload().toJSONObject();
            assertThat((long) payload.get("exp") - (long) payload.get("iat")).isEqualTo(600);
            var t = new BigInteger(Base64.getDecoder().decode((String) payload.get("scalar")));
            assertThat(t.signum()).as("the scalar is read as a signed number").isEqualTo(1);
            var point = ECNamedCurveTable.getParameterSpec("P-521").getCurve().decodePoint(Base64.getUrlDecoder().decode(parts[0]));
            rests.add(point.multiply(t).normalize().getAffineXCoord().toBigInteger());
        }
        assertThat(rests.get(0)).as("one patient, one pseudonym at rest").isEqualTo(rests.get(1)).isNotEqualTo(rests.get(2));
    }
}
