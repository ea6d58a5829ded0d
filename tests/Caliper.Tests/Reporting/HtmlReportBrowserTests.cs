using Caliper.Evaluation.Tests;
using Caliper.Reporting.Html;
using Caliper.Testing;

namespace Caliper.Reporting.Tests;

/// <summary>The report in a real browser: what it shows, what it does, and that it asks nothing of anyone.</summary>
public sealed class HtmlReportBrowserTests : IDisposable
{
    private const string ShownNames =
        "[...document.querySelectorAll('#layers tbody tr')].filter(r => !r.hidden).map(r => r.cells[1].textContent).join()";

    // The least contrast of any visible text with what is behind it, as WCAG computes it.
    private const string LeastContrast = """
        (() => {
          const rgb = text => text.match(/[\d.]+/g).map(Number);
          const linear = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
          const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
          const behind = e => {
            const c = rgb(getComputedStyle(e).backgroundColor);
            return c.length < 4 || c[3] > 0 ? c.slice(0, 3) : e.parentElement ? behind(e.parentElement) : [255, 255, 255];
          };
          let least = [99, ''];
          for (const e of document.querySelectorAll('body *')) {
            if (!e.offsetParent || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
            const [a, b] = [light(rgb(getComputedStyle(e).color).slice(0, 3)), light(behind(e))];
            const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
            if (contrast < least[0]) least = [contrast, `${e.className} ${e.textContent.slice(0, 40)}`];
          }
          return least[0] >= 4.5 ? '' : least.join(' ');
        })()
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_report_works_in_a_browser_and_loads_nothing()
    {
        var report = SampleReport.Of(24, i =>
            i == 5 ? "</script><img src=x onerror=alert(1)>" : i == 6 ? new string('w', 150) : $"stage{i / 8}.conv{i}");
        await using var browser = await Start();
        var address = await Open(browser, HtmlReport.Render(report, SampleReport.Header));

        await Sorts_and_filters(browser, [.. report.Tensors.Select(t => t.Layer)]);
        await A_link_unfolds_its_layer(browser);
        await Fits_every_width_and_is_readable(browser);
        await Prints_several_layers_a_page(browser, layers: 24);
        await Loaded_nothing_and_complained_of_nothing(browser, address);
    }

    [Fact]
    public async Task The_page_of_a_calibration_works_in_a_browser_and_loads_nothing()
    {
        using var sample = new SampleCalibration("</script><img/src=x/onerror=alert(1)>");
        await using var browser = await Start();
        var address = await Open(browser, sample.Page());

        var inOrder = (await browser.Evaluate(ShownNames))!.GetValue<string>();
        await browser.Evaluate("[...document.querySelectorAll('#layers thead button')].find(b => b.textContent === 'Predicted dB').click()");
        Assert.NotEqual(inOrder, (await browser.Evaluate(ShownNames))!.GetValue<string>());
        Assert.Equal("", (await browser.Evaluate("""
            (() => {
              const keys = [...document.querySelectorAll('#layers tbody tr')].map(r => Number(r.cells[5].dataset.key));
              return keys.every((key, i) => i === 0 || keys[i - 1] <= key) ? '' : keys.join();
            })()
            """))!.GetValue<string>());
        await browser.Evaluate("document.querySelector('#unfold').click()");
        // Every drawing is there, with words for those who cannot see it.
        Assert.Equal(6, (await browser.Evaluate(
            "[...document.querySelectorAll('svg[role=img][aria-label]')]"
            + ".filter(s => s.getBoundingClientRect().width > 200).length"))!.GetValue<int>());
        Assert.Equal(3, (await browser.Evaluate(
            "[...document.querySelectorAll('.choices')].filter(c => c.querySelector('.used')).length"))!.GetValue<int>());
        await Fits_every_width_and_is_readable(browser);
        await Loaded_nothing_and_complained_of_nothing(browser, address);
    }

    private static async Task<HeadlessChromium> Start()
    {
        var executable = HeadlessChromium.Find();
        Assert.SkipWhen(executable is null, "no browser: there is no 'chromium' in /usr/bin or on the PATH");
        return await HeadlessChromium.Start(executable!);
    }

    private async Task<string> Open(HeadlessChromium browser, string html)
    {
        var address = new Uri(_folder.File("report.html", System.Text.Encoding.UTF8.GetBytes(html))).AbsoluteUri;
        await browser.Send("Page.navigate", new { url = address });
        await browser.WaitUntil("document.readyState === 'complete' && document.documentElement.classList.contains('live')");
        await browser.WaitUntil("performance.getEntriesByName('first-contentful-paint').length === 1");
        // How long it takes depends on the machine: told, not judged.
        var paint = (await browser.Evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))!.GetValue<double>();
        TestContext.Current.TestOutputHelper!.WriteLine(
            FormattableString.Invariant($"first contentful paint after {paint:F0} ms, {html.Length / 1000d:F0} kB"));
        return address;
    }

    private static async Task Loaded_nothing_and_complained_of_nothing(HeadlessChromium browser, string address)
    {
        Assert.Equal(0, (await browser.Evaluate("document.images.length"))!.GetValue<int>());
        Assert.Equal(address, Assert.Single(browser.Events.Where(e => e.Method == "Network.requestWillBeSent")
            .Select(e => e.Parameters["request"]!["url"]!.GetValue<string>()).Distinct()));
        Assert.DoesNotContain(browser.Events, e => e.Method is "Runtime.exceptionThrown" or "Runtime.consoleAPICalled" or "Log.entryAdded");
    }

    private static async Task Sorts_and_filters(HeadlessChromium browser, string[] layers)
    {
        async Task<string[]> Shown() => (await browser.Evaluate(ShownNames))!.GetValue<string>().Split(',');
        Task Click(string heading) => browser.Evaluate(
            $"[...document.querySelectorAll('#layers thead button')].find(b => b.textContent === '{heading}').click()");

        Assert.Equal(layers, await Shown());
        await Click("As deployed dB");
        var ascending = await Shown();
        Assert.NotEqual(layers, ascending);
        Assert.Equal(layers[2], ascending[^1]); // The one that is exact.
        Assert.Equal("ascending", (await browser.Evaluate(
            "document.querySelectorAll('#layers thead th')[6].getAttribute('aria-sort')"))!.GetValue<string>());
        await Click("As deployed dB");
        Assert.Equal(ascending.Reverse(), await Shown());
        await Click("Local dB");
        Assert.Equal("stage0.conv0", (await Shown())[^1]); // An input has none; that comes last.
        await Click("#");
        Assert.Equal(layers, await Shown());

        await browser.Evaluate("document.querySelector('#filter').focus()");
        await browser.Send("Input.insertText", new { text = "STAGE1" });
        await browser.WaitUntil("document.querySelector('#shown').textContent === '8 of 24 layers'");
        Assert.Equal(layers[8..16], await Shown());
        await browser.Evaluate("filter.value = ''; filter.dispatchEvent(new Event('input'))");
        Assert.Equal(layers, await Shown());
    }

    private static async Task A_link_unfolds_its_layer(HeadlessChromium browser)
    {
        Assert.Equal(0, (await browser.Evaluate("document.querySelectorAll('details[open]').length"))!.GetValue<int>());
        await browser.Evaluate("document.querySelectorAll('.map a')[7].click()");
        await browser.WaitUntil("document.querySelector('#layer-7').closest('details').open");
        await browser.Evaluate("document.querySelector('#unfold').click()");
        Assert.Equal(24, (await browser.Evaluate("document.querySelectorAll('details[open]').length"))!.GetValue<int>());
        Assert.Equal("", (await browser.Evaluate(
            "[...document.querySelectorAll('svg .bars')].filter(p => p.getBBox().width === 0)"
            + ".map(p => p.closest('details').textContent).join()"))!.GetValue<string>());
    }

    private static async Task Fits_every_width_and_is_readable(HeadlessChromium browser)
    {
        foreach (var width in (int[])[400, 700, 1100, 1600])
        {
            await browser.Send("Emulation.setDeviceMetricsOverride", new { width, height = 900, deviceScaleFactor = 1, mobile = false });
            await browser.WaitUntil($"innerWidth === {width}");
            Assert.InRange((await browser.Evaluate("document.documentElement.scrollWidth"))!.GetValue<int>(), 0, width);
        }
        foreach (var scheme in (string[])["light", "dark"])
        {
            await browser.Send("Emulation.setEmulatedMedia", new { features = new[] { new { name = "prefers-color-scheme", value = scheme } } });
            await browser.WaitUntil($"matchMedia('(prefers-color-scheme: {scheme})').matches");
            Assert.Equal("", (await browser.Evaluate(LeastContrast))!.GetValue<string>());
        }
    }

    private static async Task Prints_several_layers_a_page(HeadlessChromium browser, int layers)
    {
        await browser.Send("Emulation.setEmulatedMedia",
            new { media = "print", features = new[] { new { name = "prefers-color-scheme", value = "dark" } } });
        Assert.Equal("rgb(255, 255, 255)", (await browser.Evaluate("getComputedStyle(document.body).backgroundColor"))!.GetValue<string>());
        Assert.Equal(0, (await browser.Evaluate(
            "[...document.querySelectorAll('nav, input, .tools, .help')].filter(e => e.offsetParent).length"))!.GetValue<int>());
        var answer = await browser.Send("Page.printToPDF", new { preferCSSPageSize = true, printBackground = true });
        var pdf = System.Text.Encoding.Latin1.GetString(Convert.FromBase64String(answer["data"]!.GetValue<string>()));
        // Summary, map, table and glossary take four or five pages.
        Assert.InRange(System.Text.RegularExpressions.Regex.Matches(pdf, @"/Type\s*/Page\b").Count, 6, 6 + (layers / 3));
    }
}
