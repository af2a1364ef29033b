//! Names of people from many scripts. Each name stands with a plain form for sign-in names.

/// A name as it is written, and the ASCII form that sign-in names use.
pub(crate) type Name = (&'static str, &'static str);

/// Names that go together.
pub(crate) struct Culture {
    /// `preferredLanguage`, BCP 47.
    pub(crate) language: &'static str,
    /// Offices where such colleagues work.
    pub(crate) office: &'static str,
    /// How a display name is put together.
    pub(crate) order: Order,
    pub(crate) given: &'static [Name],
    pub(crate) family: &'static [Name],
}

/// How a display name is put together.
#[derive(Clone, Copy)]
pub(crate) enum Order {
    /// "Zoë Müller"
    GivenFamily,
    /// "Szabó Ágnes"
    FamilyGiven,
    /// "山田太郎"
    FamilyGivenJoined,
}

/// All cultures; people are spread over them evenly.
pub(crate) const CULTURES: &[Culture] = &[
    Culture {
        language: "en-GB",
        office: "Leeds",
        order: Order::GivenFamily,
        given: &[
            ("Amelia", "amelia"),
            ("Oliver", "oliver"),
            ("Priya", "priya"),
            ("Niamh", "niamh"),
            ("Callum", "callum"),
            ("Seán", "sean"),
        ],
        family: &[
            ("Hughes", "hughes"),
            ("O’Connor", "oconnor"),
            ("Smith-Jones", "smith-jones"),
            ("Okafor", "okafor"),
            ("Fraser", "fraser"),
        ],
    },
    Culture {
        language: "de-DE",
        office: "Köln",
        order: Order::GivenFamily,
        given: &[
            ("Jörg", "joerg"),
            ("Käthe", "kaethe"),
            ("Anneliese", "anneliese"),
            ("Lütfi", "luetfi"),
            ("Björn", "bjoern"),
        ],
        family: &[
            ("Müller", "mueller"),
            ("Groß", "gross"),
            ("Schäfer", "schaefer"),
            ("von der Heide", "vonderheide"),
            ("Böhm", "boehm"),
        ],
    },
    Culture {
        language: "fr-FR",
        office: "Orléans",
        order: Order::GivenFamily,
        given: &[
            ("Zoé", "zoe"),
            ("François", "francois"),
            ("Anaïs", "anais"),
            ("Jean-Noël", "jean-noel"),
            ("Hélène", "helene"),
        ],
        family: &[
            ("Lefèvre", "lefevre"),
            ("D’Amboise", "damboise"),
            ("Benoît", "benoit"),
            ("Cœurdacier", "coeurdacier"),
        ],
    },
    Culture {
        language: "pl-PL",
        office: "Łódź",
        order: Order::GivenFamily,
        given: &[
            ("Łukasz", "lukasz"),
            ("Małgorzata", "malgorzata"),
            ("Wojciech", "wojciech"),
            ("Żaneta", "zaneta"),
        ],
        family: &[
            ("Wójcik", "wojcik"),
            ("Dąbrowska", "dabrowska"),
            ("Źrebiec", "zrebiec"),
            ("Nowak", "nowak"),
        ],
    },
    Culture {
        language: "sv-SE",
        office: "Malmö",
        order: Order::GivenFamily,
        given: &[("Åsa", "asa"), ("Örjan", "orjan"), ("Linnéa", "linnea"), ("Håkan", "hakan")],
        family: &[("Lindström", "lindstrom"), ("Ångström", "angstrom"), ("Sjöberg", "sjoberg"), ("Ek", "ek")],
    },
    Culture {
        language: "tr-TR",
        office: "İzmir",
        order: Order::GivenFamily,
        given: &[("İbrahim", "ibrahim"), ("Şule", "sule"), ("Çağla", "cagla"), ("Işıl", "isil")],
        family: &[("Yıldız", "yildiz"), ("Öztürk", "ozturk"), ("Güneş", "gunes"), ("Kılıç", "kilic")],
    },
    Culture {
        language: "vi-VN",
        office: "Đà Nẵng",
        order: Order::FamilyGiven,
        given: &[
            ("Thị Hương", "huong"),
            ("Văn Đức", "duc"),
            ("Quỳnh Anh", "quynhanh"),
            ("Minh Tuấn", "minhtuan"),
        ],
        family: &[("Nguyễn", "nguyen"), ("Trần", "tran"), ("Đặng", "dang"), ("Phạm", "pham")],
    },
    Culture {
        language: "hu-HU",
        office: "Győr",
        order: Order::FamilyGiven,
        given: &[("Ágnes", "agnes"), ("Győző", "gyozo"), ("Örs", "ors"), ("Tünde", "tunde")],
        family: &[("Szabó", "szabo"), ("Kővári", "kovari"), ("Fűzfa", "fuzfa"), ("Nagy", "nagy")],
    },
    Culture {
        language: "el-GR",
        office: "Θεσσαλονίκη",
        order: Order::GivenFamily,
        given: &[
            ("Ελένη", "eleni"),
            ("Γιώργος", "giorgos"),
            ("Ευάγγελος", "evangelos"),
            ("Δήμητρα", "dimitra"),
        ],
        family: &[("Παπαδοπούλου", "papadopoulou"), ("Οικονόμου", "oikonomou"), ("Αγγελής", "angelis")],
    },
    Culture {
        language: "uk-UA",
        office: "Львів",
        order: Order::GivenFamily,
        given: &[
            ("Оксана", "oksana"),
            ("Їжак", "yizhak"),
            ("Святослав", "sviatoslav"),
            ("Зоряна", "zoriana"),
        ],
        family: &[("Шевченко", "shevchenko"), ("Лисенко", "lysenko"), ("Ґудзь", "gudz")],
    },
    Culture {
        language: "sr-RS",
        office: "Ниш",
        order: Order::GivenFamily,
        given: &[("Љиљана", "ljiljana"), ("Ђорђе", "djordje"), ("Јелена", "jelena")],
        family: &[("Живковић", "zivkovic"), ("Петровић", "petrovic"), ("Џаковић", "dzakovic")],
    },
    Culture {
        language: "ka-GE",
        office: "თბილისი",
        order: Order::GivenFamily,
        given: &[("ნინო", "nino"), ("გიორგი", "giorgi"), ("თამარ", "tamar")],
        family: &[("ბერიძე", "beridze"), ("კაპანაძე", "kapanadze")],
    },
    Culture {
        language: "hy-AM",
        office: "Երևան",
        order: Order::GivenFamily,
        given: &[("Անի", "ani"), ("Արամ", "aram"), ("Լուսինե", "lusine")],
        family: &[("Հակոբյան", "hakobyan"), ("Սարգսյան", "sargsyan")],
    },
    Culture {
        language: "ar-EG",
        office: "الإسكندرية",
        order: Order::GivenFamily,
        given: &[("فاطمة", "fatima"), ("محمد", "mohamed"), ("نور الدين", "nooreldin"), ("ليلى", "laila")],
        family: &[("عبد الرحمن", "abdelrahman"), ("المصري", "elmasry"), ("حسن", "hassan")],
    },
    Culture {
        language: "fa-IR",
        office: "شیراز",
        order: Order::GivenFamily,
        given: &[("پریسا", "parisa"), ("کیان", "kian"), ("ژاله", "zhaleh")],
        family: &[("رضایی", "rezaei"), ("گل‌محمدی", "golmohammadi")],
    },
    Culture {
        language: "he-IL",
        office: "חיפה",
        order: Order::GivenFamily,
        given: &[("שירה", "shira"), ("יוסף", "yosef"), ("נועה", "noa")],
        family: &[("כהן", "cohen"), ("בן־דוד", "bendavid"), ("פרידמן", "friedman")],
    },
    Culture {
        language: "hi-IN",
        office: "पुणे",
        order: Order::GivenFamily,
        given: &[("अनुष्का", "anushka"), ("राजेन्द्र", "rajendra"), ("प्रिया", "priya")],
        family: &[("श्रीवास्तव", "shrivastava"), ("पाटिल", "patil"), ("शर्मा", "sharma")],
    },
    Culture {
        language: "bn-BD",
        office: "ঢাকা",
        order: Order::GivenFamily,
        given: &[("সুমাইয়া", "sumaiya"), ("রফিক", "rafiq"), ("শর্মিষ্ঠা", "sharmistha")],
        family: &[("চৌধুরী", "chowdhury"), ("হোসেন", "hossain")],
    },
    Culture {
        language: "ta-IN",
        office: "சென்னை",
        order: Order::GivenFamily,
        given: &[("மீனாட்சி", "meenakshi"), ("கார்த்திக்", "karthik")],
        family: &[("சுப்பிரமணியன்", "subramanian"), ("முருகன்", "murugan")],
    },
    Culture {
        language: "th-TH",
        office: "เชียงใหม่",
        order: Order::GivenFamily,
        given: &[("สมชาย", "somchai"), ("น้ำฝน", "namfon"), ("อรุณี", "arunee")],
        family: &[("ศรีสุวรรณ", "srisuwan"), ("วงศ์ใหญ่", "wongyai")],
    },
    Culture {
        language: "zh-CN",
        office: "苏州",
        order: Order::FamilyGivenJoined,
        given: &[("伟", "wei"), ("秀英", "xiuying"), ("浩然", "haoran"), ("䶮", "yan")],
        family: &[("王", "wang"), ("欧阳", "ouyang"), ("张", "zhang"), ("吕", "lv")],
    },
    Culture {
        language: "ja-JP",
        office: "札幌",
        order: Order::FamilyGivenJoined,
        given: &[("太郎", "taro"), ("さくら", "sakura"), ("健一", "kenichi"), ("レイ", "rei")],
        family: &[("山田", "yamada"), ("髙橋", "takahashi"), ("𠮷野", "yoshino"), ("齋藤", "saito")],
    },
    Culture {
        language: "ko-KR",
        office: "부산",
        order: Order::FamilyGivenJoined,
        given: &[("민준", "minjun"), ("서연", "seoyeon"), ("하늘", "haneul")],
        family: &[("김", "kim"), ("남궁", "namgung"), ("박", "park")],
    },
    Culture {
        language: "am-ET",
        office: "አዲስ አበባ",
        order: Order::GivenFamily,
        given: &[("ሰላም", "selam"), ("ዳዊት", "dawit")],
        family: &[("ተስፋዬ", "tesfaye"), ("ገብረ መድኅን", "gebremedhin")],
    },
];

/// Departments, with a job title that occurs in each.
pub(crate) const DEPARTMENTS: &[(&str, &str)] = &[
    ("Finance", "Accountant"),
    ("Human Resources", "Recruiter"),
    ("Production", "Shift supervisor"),
    ("Research", "Materials scientist"),
    ("Sales", "Account manager"),
    ("IT", "Systems administrator"),
    ("Logistics", "Dispatcher"),
    ("Legal", "Counsel"),
];
