namespace Pictures.Plotting;

/// <summary>The colours and the type of all pictures, as CSS classes: <c>blue</c> fills, <c>blue-line</c> draws.</summary>
internal static class Ink
{
    private static readonly (string Name, string Light, string Dark)[] Colours =
    [
        ("ink", "#1f2328", "#e6edf3"),
        ("muted", "#59636e", "#9ba5b0"),
        ("faint", "#d1d9e0", "#3d444d"),
        ("panel", "#f3f6f9", "#1a2028"),
        ("bars", "#a9c8ea", "#2f5480"),
        ("blue", "#0b5cad", "#74b4f5"),
        ("red", "#c4252b", "#ff8a7a"),
        ("green", "#1a7f37", "#56c46a"),
        ("orange", "#b35900", "#f0a35e"),
    ];

    /// <summary>The style sheet.</summary>
    public static string Style { get; } = string.Concat(
        "text{font:13px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;font-variant-numeric:tabular-nums}",
        ".small{font-size:11.5px}.tiny{font-size:10.5px}.large{font-size:15px}.bold{font-weight:600}.middle{text-anchor:middle}.end{text-anchor:end}",
        ".code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:12px}",
        ".thick{stroke-width:3}.open{fill:none}",
        Rules(c => c.Light, "#ffffff"), "@media(prefers-color-scheme:dark){", Rules(c => c.Dark, "#0d1117"), "}");

    private static string Rules(Func<(string Name, string Light, string Dark), string> shade, string page) =>
        $".page{{fill:{page};stroke:{shade(Colours[2])}}}text{{fill:{shade(Colours[0])}}}"
        + string.Concat(Colours.Select(c => $".{c.Name}{{fill:{shade(c)}}}.{c.Name}-line{{stroke:{shade(c)}}}"));
}
