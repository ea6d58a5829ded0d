using Caliper.Testing;
using NativeAot;

namespace Caliper.Samples.Tests.Browser;

/// <summary>The published sample in a real browser: CALIPER_BROWSER_APP is its folder wwwroot, and <c>.ci/browser</c> makes it.</summary>
public sealed class BrowserTests
{
    private const string Variable = "CALIPER_BROWSER_APP";

    [Fact]
    public async Task A_browser_computes_the_bits_that_this_process_computes()
    {
        var folder = App();
        await using var browser = await Start();
        using var server = new FolderServer(folder);
        await browser.Send("Page.navigate", new { url = server.Address + "?check" });
        await browser.WaitUntil("!!document.querySelector('#check')");
        var lines = (await browser.Evaluate("document.querySelector('#check').textContent"))!.GetValue<string>();
        foreach (var line in lines.Split('\n')) TestContext.Current.TestOutputHelper!.WriteLine(line);

        using var session = Int8Session.Load(Path.Combine(folder, "glyphs.int8.onnx"));
        Assert.Contains(Answers.Checksum(session), lines.Split('\n'));
        // Vectors also there, for what takes most of the time.
        Assert.DoesNotContain("kernel portable", lines);
    }

    [Fact]
    public async Task A_click_on_an_image_tells_its_class()
    {
        var folder = App();
        await using var browser = await Start();
        using var server = new FolderServer(folder);
        await browser.Send("Page.navigate", new { url = server.Address });
        await browser.WaitUntil("!!document.querySelector('#sheet')?.complete && document.querySelector('#sheet').naturalWidth > 0");
        foreach (var (row, letter) in new[] { (3, "3"), (10, "A"), (35, "Z") })
        {
            await browser.Evaluate($$"""
                (() => {
                  const box = sheet.getBoundingClientRect();
                  sheet.dispatchEvent(new MouseEvent("click",
                    { clientX: box.left + 16, clientY: box.top + {{row * 32 + 16}}, bubbles: true }));
                })()
                """);
            await browser.WaitUntil($"document.querySelector('#answer .class')?.textContent === '{letter}'");
        }
        Assert.DoesNotContain(browser.Events, e => e.Method is "Runtime.exceptionThrown");
    }

    private static string App()
    {
        var folder = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(folder), $"the sample is not published: {Variable} names no folder");
        return folder!;
    }

    private static async Task<HeadlessChromium> Start()
    {
        var executable = HeadlessChromium.Find();
        Assert.SkipWhen(executable is null, "no browser: there is no 'chromium' in /usr/bin or on the PATH");
        return await HeadlessChromium.Start(executable!);
    }
}
