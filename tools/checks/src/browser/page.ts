import type { Browser } from './browser';

export interface View {
  readonly theme: 'light' | 'dark';
  /** CSS pixels. */
  readonly width: number;
  /** As on paper. */
  readonly print?: boolean;
}

/** A page in a browser, without a network: whatever it asks for is noted and refused. */
export class Page {
  private constructor(
    private readonly browser: Browser,
    private readonly target: unknown,
    private readonly session: string,
    private readonly stopListening: () => void,
    /** Addresses that the page asked for; pictures inside it are none. */
    readonly requests: string[],
  ) {}

  /** Shows a text as a page. */
  static async open(browser: Browser, html: string, view: View): Promise<Page> {
    const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
    const session = String(sessionId);
    const requests: string[] = [];
    const stopListening = browser.listen(({ method, sessionId: from, params }) => {
      if (method !== 'Network.requestWillBeSent' || from !== session) return;
      const { request } = params as { readonly request: { readonly url: string } };
      if (!request.url.startsWith('data:')) requests.push(request.url);
    });
    const page = new Page(browser, targetId, session, stopListening, requests);
    await page.send('Network.enable');
    await page.send('Network.emulateNetworkConditions', {
      offline: true,
      latency: 0,
      downloadThroughput: 0,
      uploadThroughput: 0,
    });
    await page.look(view);
    const { frameTree } = (await page.send('Page.getFrameTree')) as { frameTree: { frame: { id: string } } };
    await page.send('Page.setDocumentContent', { frameId: frameTree.frame.id, html });
    // Lazy pictures far below would never come.
    await page.evaluate('for (const one of document.images) one.loading = "eager"');
    await page.evaluate('Promise.all([...document.images].map((one) => one.decode().then(() => 0, () => 0)))');
    return page;
  }

  async look({ theme, width, print = false }: View): Promise<void> {
    await this.send('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false });
    await this.send('Emulation.setEmulatedMedia', {
      media: print ? 'print' : 'screen',
      features: [{ name: 'prefers-color-scheme', value: theme }],
    });
  }

  /** The value of an expression, as JSON; promises are waited for. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = (await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as { result: { value?: unknown }; exceptionDetails?: { exception?: { description?: string } } };
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? 'a script failed');
    return result.value;
  }

  /** The whole page as PNG, at most so many pixels high. */
  async screenshot(mostHigh = 12_000): Promise<Buffer> {
    const { cssContentSize } = (await this.send('Page.getLayoutMetrics')) as {
      cssContentSize: { width: number; height: number };
    };
    const { width, height } = cssContentSize;
    const clip = { x: 0, y: 0, width, height: Math.min(height, mostHigh), scale: 1 };
    const { data } = await this.send('Page.captureScreenshot', { clip, captureBeyondViewport: true });
    return Buffer.from(String(data), 'base64');
  }

  async pdf(): Promise<Buffer> {
    const { data } = await this.send('Page.printToPDF', { printBackground: true, preferCSSPageSize: true });
    return Buffer.from(String(data), 'base64');
  }

  async close(): Promise<void> {
    this.stopListening();
    await this.browser.send('Target.closeTarget', { targetId: this.target });
  }

  private send(method: string, params = {}): Promise<Readonly<Record<string, unknown>>> {
    return this.browser.send(method, params, this.session);
  }
}
