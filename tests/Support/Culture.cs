using System.Globalization;
using System.Runtime.CompilerServices;

namespace Caliper.Testing;

/// <summary>Lets the whole suite run as on a machine whose numbers have a decimal comma: CALIPER_TEST_CULTURE=comma.</summary>
internal static class Culture
{
    [ModuleInitializer]
    internal static void Set()
    {
        if (Environment.GetEnvironmentVariable("CALIPER_TEST_CULTURE") != "comma") return;
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = culture;
    }
}
