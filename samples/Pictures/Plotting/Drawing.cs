using System.Globalization;
using System.Xml.Linq;

namespace Pictures.Plotting;

/// <summary>
/// An SVG, 700 units wide, that reads well on a light and on a dark page. It brings its own background, because a page's
/// theme and that of the reader's system need not be the same. It refers to nothing outside of itself.
/// </summary>
internal sealed class Drawing
{
    public const double Width = 700;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private readonly XElement _root;

    /// <param name="height">Height in the same units.</param>
    /// <param name="title">What the picture is, in a few words.</param>
    /// <param name="description">What is seen in it, for those who cannot see it.</param>
    public Drawing(double height, string title, string description)
    {
        _root = new XElement(Svg + "svg",
            new XAttribute("viewBox", $"0 0 {Number(Width)} {Number(height)}"),
            new XAttribute("width", Number(Width)), new XAttribute("height", Number(height)),
            new XAttribute("role", "img"), new XAttribute("aria-labelledby", "title desc"),
            new XElement(Svg + "title", new XAttribute("id", "title"), title),
            new XElement(Svg + "desc", new XAttribute("id", "desc"), description),
            new XElement(Svg + "style", Ink.Style));
        Rectangle(0.5, 0.5, Width - 1, height - 1, "page", radius: 8);
    }

    public void Line(double x1, double y1, double x2, double y2, string style) =>
        Add("line", style, ("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2));

    public void Rectangle(double x, double y, double width, double height, string style, double radius = 0) =>
        Add("rect", style, ("x", x), ("y", y), ("width", width), ("height", height), ("rx", radius));

    public void Dot(double x, double y, double radius, string style) => Add("circle", style, ("cx", x), ("cy", y), ("r", radius));

    /// <summary>A polygon, or an open line where the style has no fill.</summary>
    public void Shape(IEnumerable<(double X, double Y)> points, string style, bool isClosed = true) =>
        Add("path", style).SetAttributeValue("d", "M" + string.Join('L', points.Select(p => $"{Number(p.X)} {Number(p.Y)}")) + (isClosed ? "Z" : ""));

    /// <summary>A line with a head at its end.</summary>
    public void Arrow(double x1, double y1, double x2, double y2, string colour)
    {
        var (dx, dy) = (x2 - x1, y2 - y1);
        var length = Math.Sqrt(dx * dx + dy * dy);
        (dx, dy) = (dx / length, dy / length);
        Line(x1, y1, x2 - 5 * dx, y2 - 5 * dy, colour + "-line");
        Shape([(x2, y2), (x2 - 7 * dx - 3.5 * dy, y2 - 7 * dy + 3.5 * dx), (x2 - 7 * dx + 3.5 * dy, y2 - 7 * dy - 3.5 * dx)], colour);
    }

    /// <summary>A line of text.</summary>
    /// <param name="x">Where it starts, or its middle or end, as <paramref name="style"/> says with <c>middle</c> or <c>end</c>.</param>
    /// <param name="y">Its base line.</param>
    /// <param name="text">What it says.</param>
    /// <param name="style">Classes of <see cref="Ink"/>.</param>
    public void Text(double x, double y, string text, string style = "") => Add("text", style, ("x", x), ("y", y)).Value = text;

    public void Save(string path) => new XDocument(_root).Save(path);

    private XElement Add(string name, string style, params ReadOnlySpan<(string Name, double Value)> attributes)
    {
        var element = new XElement(Svg + name);
        if (style.Length > 0) element.SetAttributeValue("class", style);
        foreach (var (attribute, value) in attributes) element.SetAttributeValue(attribute, Number(value));
        _root.Add(element);
        return element;
    }

    private static string Number(double value) => Math.Round(value, 2).ToString(CultureInfo.InvariantCulture);
}
