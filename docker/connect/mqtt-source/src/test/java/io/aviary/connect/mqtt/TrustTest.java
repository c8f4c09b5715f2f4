package io.aviary.connect.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustTest {
  @TempDir
  Path dir;

  private static X509TrustManager managerOf(TrustManagerFactory factory) {
    return (X509TrustManager) factory.getTrustManagers()[0];
  }

  /** Authorities that the JVM itself trusts: real certificates that need no making. */
  private static List<X509Certificate> authorities(int count) throws Exception {
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    return List.of(managerOf(factory).getAcceptedIssuers()).subList(0, count);
  }

  private static String pem(X509Certificate certificate) throws Exception {
    return "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
        + "\n-----END CERTIFICATE-----\n";
  }

  private Path file(String text) throws IOException {
    return Files.writeString(dir.resolve("ca.pem"), text);
  }

  @Test
  void everyCertificateOfTheFileAndNoOtherIsTrusted() throws Exception {
    List<X509Certificate> two = authorities(2);
    List<X509Certificate> trusted =
        List.of(managerOf(Trust.in(file(pem(two.get(0)) + pem(two.get(1))))).getAcceptedIssuers());
    assertEquals(2, trusted.size());
    assertTrue(trusted.containsAll(two));
  }

  @Test
  void aFileWithoutOneIsRefused() throws Exception {
    Path empty = file("");
    Path nonsense = Files.writeString(dir.resolve("nonsense.pem"), "no certificate");
    assertThrows(ConnectException.class, () -> Trust.in(empty));
    assertThrows(ConnectException.class, () -> Trust.in(nonsense));
    assertThrows(ConnectException.class, () -> Trust.in(dir.resolve("missing.pem")));
  }
}
