package interop;

import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/**
 * A pseudonym in transit for the FHIR clients, without a helper library: the blinding factor is one, so that only the
 * mapping of a value to a point is needed. Never do this with a real patient: the service then sees the value.
 */
final class Pseudonym {
    private static final BigInteger P = BigInteger.TWO.pow(521).subtract(BigInteger.ONE);
    private static final BigInteger B = new BigInteger("0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e1"
        + "56193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00", 16);

    private Pseudonym() {}

    /** The value as urn:be:fgov:pseudo:v2:…, fresh on every call. */
    static String of(String value, String token) throws Exception {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        byte[] x0 = new byte[text.length + 9];
        System.arraycopy(text, 0, x0, 0, text.length);
        x0[text.length] = (byte) text.length;
        BigInteger x = new BigInteger(1, x0);
        BigInteger y;
        for (;; x = x.add(BigInteger.ONE)) {
            BigInteger square = x.modPow(BigInteger.valueOf(3), P).subtract(x.multiply(BigInteger.valueOf(3))).add(B).mod(P);
            y = square.modPow(BigInteger.TWO.pow(519), P);
            if (y.modPow(BigInteger.TWO, P).equals(square)) break;
        }
        var body = Sandbox.JSON.writeValueAsString(Map.of("id", "1", "crv", "P-521", "x", base64(x), "y", base64(y)));
        var answer = Sandbox.HTTP.send(HttpRequest.newBuilder(URI.create(Sandbox.URL + "/pseudo/v1/domains/uhmep_v1/pseudonymize"))
            .header("Authorization", "Bearer " + token).header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
        var out = Sandbox.JSON.readTree(answer.body());
        if (answer.statusCode() != 200) throw new IllegalStateException("pseudonymize: " + answer.statusCode() + " " + answer.body());
        byte[] sec1 = new byte[67];
        byte[] px = Base64.getDecoder().decode(out.get("x").asText());
        byte[] py = Base64.getDecoder().decode(out.get("y").asText());
        sec1[0] = (byte) (2 + (py[py.length - 1] & 1));
        System.arraycopy(px, 0, sec1, 67 - px.length, px.length);
        return "urn:be:fgov:pseudo:v2:" + Base64.getUrlEncoder().withoutPadding().encodeToString(sec1) + ":" + out.get("transitInfo").asText();
    }

    private static String base64(BigInteger n) {
        byte[] bytes = n.toByteArray();
        byte[] padded = new byte[66];
        int from = Math.max(0, bytes.length - 66);
        System.arraycopy(bytes, from, padded, 66 - (bytes.length - from), bytes.length - from);
        return Base64.getEncoder().encodeToString(padded);
    }
}
