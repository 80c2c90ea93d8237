package io.fermata.wire.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Trusts a server for the identity in its certificate. DNS names and addresses in it are not looked
 * at: an inventory says at which address a host is, and an authority says which host it is.
 */
final class IdentityTrust extends X509ExtendedTrustManager {
  private final X509TrustManager chains;
  private final String trustDomain;
  private final Admission admission;

  /**
   * @param chains knows the authorities
   */
  IdentityTrust(X509TrustManager chains, String trustDomain, Admission admission) {
    this.chains = chains;
    this.trustDomain = trustDomain;
    this.admission = admission;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    chains.checkServerTrusted(chain, authType);
    Identity found =
        Identity.of(chain[0])
            .orElseThrow(() -> new CertificateException("the certificate names nobody of ours"));
    String at = engine.getPeerHost() + ":" + engine.getPeerPort();
    if (!found.trustDomain().equals(trustDomain)
        || !admission.admits(String.valueOf(engine.getPeerHost()), engine.getPeerPort(), found)) {
      throw new CertificateException("at " + at + " is " + found + ", which is not whom we want");
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("a connection without an engine cannot be checked");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("a connection without an address cannot be checked");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("this is for connections that we make");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("this is for connections that we make");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("this is for connections that we make");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return chains.getAcceptedIssuers();
  }
}
